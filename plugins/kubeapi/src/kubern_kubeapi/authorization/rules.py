"""PolicyRules: what one rule allows (upstream: component-helpers/auth/rbac/validation and rbac.RuleAllows)."""

from __future__ import annotations

from typing import Any, NamedTuple

from kubern.authorization.interface import Attributes

ALL = "*"


class Rule(NamedTuple):
    """A PolicyRule of a role."""

    verbs: frozenset[str]
    api_groups: frozenset[str]
    resources: frozenset[str]
    resource_names: frozenset[str]
    non_resource_urls: tuple[str, ...]
    raw: dict[str, Any]

    def allows(self, attributes: Attributes) -> bool:
        """Whether this rule alone allows the request."""
        if ALL not in self.verbs and attributes.verb not in self.verbs:
            return False
        if not attributes.resource_request:
            return any(url_matches(url, attributes.path) for url in self.non_resource_urls)
        if ALL not in self.api_groups and attributes.api_group not in self.api_groups:
            return False
        if not resource_matches(self.resources, attributes.resource, attributes.subresource):
            return False
        return not self.resource_names or attributes.name in self.resource_names


def url_matches(rule: str, path: str) -> bool:
    """A non-resource URL: exact, or a prefix that ends in a star."""
    return rule in (ALL, path) or (rule.endswith(ALL) and path.startswith(rule.rstrip(ALL)))


def resource_matches(resources: frozenset[str], resource: str, subresource: str) -> bool:
    """`*`, `resource`, `resource/subresource` or `*/subresource`."""
    if ALL in resources:
        return True
    combined = f"{resource}/{subresource}" if subresource else resource
    return combined in resources or (bool(subresource) and f"*/{subresource}" in resources)


def compile_rules(role: dict[str, Any]) -> tuple[Rule, ...]:
    """The rules of a Role or ClusterRole."""
    return tuple(
        Rule(
            frozenset(raw.get("verbs") or ()),
            frozenset(raw.get("apiGroups") or ()),
            frozenset(raw.get("resources") or ()),
            frozenset(raw.get("resourceNames") or ()),
            tuple(raw.get("nonResourceURLs") or ()),
            raw,
        )
        for raw in role.get("rules") or ()
    )
