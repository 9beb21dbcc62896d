"""Whether rules cover other rules, and what is missing, as upstream prints it.

Upstream: component-helpers/auth/rbac/validation/{policy_comparator,policy_compact}.go. Next: `escalation.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from kubern.util.goquote import go_quote

PolicyRule = dict[str, Any]
ALL = "*"
_FIELDS = (
    ("apiGroups", "APIGroups"),
    ("resources", "Resources"),
    ("nonResourceURLs", "NonResourceURLs"),
    ("resourceNames", "ResourceNames"),
    ("verbs", "Verbs"),
)


class Right(NamedTuple):
    """The smallest part of a rule: one verb on one resource (perhaps of one name) or on one path."""

    verb: str
    group: str = ""
    resource: str = ""
    name: str | None = None
    url: str | None = None

    def rule(self) -> PolicyRule:
        """The right as a rule of its own."""
        if self.url is not None:
            return {"verbs": [self.verb], "nonResourceURLs": [self.url]}
        rule: PolicyRule = {"verbs": [self.verb], "apiGroups": [self.group], "resources": [self.resource]}
        if self.name is not None:
            rule["resourceNames"] = [self.name]
        return rule


def break_down(rule: PolicyRule) -> list[Right]:
    """The rights that a rule consists of."""
    out = []
    verbs = rule.get("verbs") or ()
    names: Sequence[str | None] = rule.get("resourceNames") or (None,)
    for group in rule.get("apiGroups") or ():
        for resource in rule.get("resources") or ():
            out += [Right(verb, group, resource, name) for verb in verbs for name in names]
    out += [Right(verb, url=url) for url in rule.get("nonResourceURLs") or () for verb in verbs]
    return out


def missing_rights(held: Iterable[PolicyRule], wanted: Iterable[PolicyRule]) -> list[Right]:
    """The rights of `wanted` that no rule of `held` covers."""
    owned = list(held)
    return [right for rule in wanted for right in break_down(rule) if not any(_covers(o, right) for o in owned)]


def _covers(rule: PolicyRule, right: Right) -> bool:
    verbs = rule.get("verbs") or ()
    if ALL not in verbs and right.verb not in verbs:
        return False
    if right.url is not None:
        return any(_url_covers(url, right.url) for url in rule.get("nonResourceURLs") or ())
    groups, names = rule.get("apiGroups") or (), rule.get("resourceNames") or ()
    if ALL not in groups and right.group not in groups:
        return False
    if not _resource_covers(rule.get("resources") or (), right.resource):
        return False
    return not names or right.name in names


def _resource_covers(resources: Sequence[str], wanted: str) -> bool:
    if ALL in resources or wanted in resources:
        return True
    _, slash, subresource = wanted.partition("/")
    return bool(slash) and f"*/{subresource}" in resources


def _url_covers(owned: str, wanted: str) -> bool:
    return owned == wanted or (owned.endswith(ALL) and wanted.startswith(owned.rstrip(ALL)))


def describe(rights: Iterable[Right]) -> str:
    """The rights compacted to rules, one to a line, sorted."""
    return "\n".join(sorted({_compact_text(rule) for rule in compact(rights)}))


def compact(rights: Iterable[Right]) -> list[PolicyRule]:
    """One rule for all verbs on the same resource and name."""
    out: list[PolicyRule] = []
    simple: dict[tuple[str, str, str | None], PolicyRule] = {}
    for right in rights:
        if right.url is not None:
            out.append(right.rule())
            continue
        rule = simple.setdefault((right.group, right.resource, right.name), right.rule())
        if right.verb not in rule["verbs"]:
            rule["verbs"].append(right.verb)
    return out + list(simple.values())


def _compact_text(rule: PolicyRule) -> str:
    parts = [f"{shown}:[{' '.join(map(go_quote, rule[name]))}]" for name, shown in _FIELDS if rule.get(name)]
    return "{" + ", ".join(parts) + "}"
