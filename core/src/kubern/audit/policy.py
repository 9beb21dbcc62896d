"""The audit policy: which requests are recorded, and how much of them (upstream: apiserver/pkg/audit/policy)."""

from __future__ import annotations

import dataclasses
import enum
from pathlib import Path
from typing import Any

from kubern.authorization.interface import Attributes

Object = dict[str, Any]
STAGES = ("RequestReceived", "ResponseStarted", "ResponseComplete", "Panic")
_VERSIONS = ("audit.k8s.io/v1",)


class Level(enum.IntEnum):
    """How much of a request is recorded."""

    None_ = 0
    Metadata = 1
    Request = 2
    RequestResponse = 3

    @property
    def text(self) -> str:
        return self.name.rstrip("_")


_LEVELS = {level.text: level for level in Level}


class PolicyError(ValueError):
    """A policy file that cannot be used; the text names it and lists what is wrong."""


@dataclasses.dataclass(frozen=True, slots=True)
class Recording:
    """What is done with a request."""

    level: Level
    omit_stages: frozenset[str] = frozenset()
    omit_managed_fields: bool = False


NOTHING = Recording(Level.None_)


@dataclasses.dataclass(frozen=True, slots=True)
class GroupResources:
    """Resources of one group; empty names mean all."""

    group: str
    resources: tuple[str, ...]
    names: frozenset[str]

    def matches(self, attributes: Attributes) -> bool:
        """Whether the request is about one of them."""
        if self.group != attributes.api_group:
            return False
        if not self.resources:
            return True
        if self.names and attributes.name not in self.names:
            return False
        resource, subresource = attributes.resource, attributes.subresource
        combined = f"{resource}/{subresource}" if subresource else resource
        wanted = {"*", combined, f"{resource}/*"} | ({f"*/{subresource}"} if subresource else set())
        return not wanted.isdisjoint(self.resources)


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """One rule; the first that matches decides."""

    recording: Recording
    users: frozenset[str]
    groups: frozenset[str]
    verbs: frozenset[str]
    namespaces: frozenset[str]
    resources: tuple[GroupResources, ...]
    urls: tuple[str, ...]

    def matches(self, attributes: Attributes) -> bool:
        """Whether the rule is about this request."""
        user = attributes.user
        if self.users and user.name not in self.users:
            return False
        if self.groups and self.groups.isdisjoint(user.groups):
            return False
        if self.verbs and attributes.verb not in self.verbs:
            return False
        if self.namespaces or self.resources:
            return self._matches_resource(attributes)
        if self.urls:
            return not attributes.resource_request and any(_matches_url(url, attributes.path) for url in self.urls)
        return True

    def _matches_resource(self, attributes: Attributes) -> bool:
        if not attributes.resource_request:
            return False
        if self.namespaces and attributes.namespace not in self.namespaces:
            return False
        return not self.resources or any(group.matches(attributes) for group in self.resources)


def _matches_url(url: str, path: str) -> bool:
    return url in ("*", path) or (url.endswith("*") and path.startswith(url.rstrip("*")))


class Policy:
    """Rules in order."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self._rules = rules

    def evaluate(self, attributes: Attributes) -> Recording:
        """What is done with a request; nothing when no rule matches."""
        for rule in self._rules:
            if rule.matches(attributes):
                return rule.recording
        return NOTHING


def load_policy(path: str) -> Policy:
    """The policy of a file. Raises OSError, PolicyError."""
    from kubern.apimachinery.yaml import load_yaml

    try:
        found = load_yaml(Path(path).read_bytes())[0]
    except ValueError as error:
        raise PolicyError(f"failed decoding audit policy {path!r}: {error}") from error
    problems = _problems(found) if isinstance(found, dict) else ["must be an object"]
    if problems:
        raise PolicyError(f"audit policy {path!r}: {'; '.join(problems)}")
    omitted = found.get("omitStages") or []
    managed = bool(found.get("omitManagedFields", False))
    return Policy(tuple(_rule(rule, omitted, managed) for rule in found["rules"]))


def _rule(rule: Object, omitted: list[str], managed: bool) -> Rule:
    own = rule.get("omitManagedFields")
    recording = Recording(
        _LEVELS[rule["level"]],
        frozenset((*omitted, *(rule.get("omitStages") or ()))),
        managed if own is None else bool(own),
    )
    resources = tuple(
        GroupResources(r.get("group", ""), tuple(r.get("resources") or ()), frozenset(r.get("resourceNames") or ()))
        for r in rule.get("resources") or ()
    )
    return Rule(
        recording,
        frozenset(rule.get("users") or ()),
        frozenset(rule.get("userGroups") or ()),
        frozenset(rule.get("verbs") or ()),
        frozenset(rule.get("namespaces") or ()),
        resources,
        tuple(rule.get("nonResourceURLs") or ()),
    )


def _problems(policy: Object) -> list[str]:
    """Upstream: audit/validation.ValidatePolicy."""
    problems = []
    if policy.get("kind") != "Policy" or policy.get("apiVersion") not in _VERSIONS:
        problems.append(f"must be a Policy of {' or '.join(_VERSIONS)}")
    problems += [f"omitStages: {s!r} must be one of {', '.join(STAGES)}" for s in _bad_stages(policy)]
    rules = policy.get("rules") or []
    if not rules:
        problems.append("must have at least one rule")
    for i, rule in enumerate(rules):
        problems += [f"rules[{i}].{problem}" for problem in _rule_problems(rule)]
    return problems


def _bad_stages(holder: Object) -> list[str]:
    return [stage for stage in holder.get("omitStages") or () if stage not in STAGES]


def _rule_problems(rule: Object) -> list[str]:
    problems = []
    if rule.get("level") not in _LEVELS:
        problems.append(f"level: {rule.get('level')!r} must be one of {', '.join(_LEVELS)}")
    problems += [f"omitStages: {s!r} must be one of {', '.join(STAGES)}" for s in _bad_stages(rule)]
    urls = rule.get("nonResourceURLs") or []
    if urls and (rule.get("resources") or rule.get("namespaces")):
        problems.append("nonResourceURLs: rules cannot apply to both regular resources and non-resource URLs")
    for url in urls:
        if url != "*" and (not url.startswith("/") or "*" in url[:-1]):
            problems.append(f"nonResourceURLs: {url!r} must begin with a slash and have no star but at its end")
    for resource in rule.get("resources") or ():
        if "/" in resource.get("group", ""):
            problems.append(f"resources.group: {resource['group']!r} must have no version")
        if resource.get("resourceNames") and not resource.get("resources"):
            problems.append("resources.resourceNames: must not be given without resources")
    return problems
