"""Mode ABAC: a file of policies, one JSON object to a line (upstream: auth/authorizer/abac)."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import orjson

from kubern.authorization.interface import Attributes, Decision, RulesResult
from kubern.request import ALL_AUTHENTICATED, User

ALL = "*"
_READ_ONLY_VERBS = frozenset({"get", "list", "watch"})
_GROUP = "abac.authorization.kubernetes.io/"


@dataclasses.dataclass(frozen=True, slots=True)
class Policy:
    """One line: who, and what on which resources or path."""

    user: str = ""
    group: str = ""
    read_only: bool = False
    api_group: str = ""
    resource: str = ""
    namespace: str = ""
    non_resource_path: str = ""

    def is_about(self, user: User) -> bool:
        """Whether the policy is for this user."""
        if self.user and self.user not in (ALL, user.name):
            return False
        if self.group and self.group != ALL and self.group not in user.groups:
            return False
        return bool(self.user or self.group)

    def allows(self, attributes: Attributes) -> bool:
        """Whether the policy allows the request of a user that it is about."""
        if self.read_only and attributes.verb not in _READ_ONLY_VERBS:
            return False
        if attributes.resource_request:
            return (
                self.namespace in (ALL, attributes.namespace)
                and self.resource in (ALL, attributes.resource)
                and self.api_group in (ALL, attributes.api_group)
            )
        path = self.non_resource_path
        return path in (ALL, attributes.path) or (path.endswith(ALL) and attributes.path.startswith(path.rstrip(ALL)))


class PolicyFileError(ValueError):
    """A line that is no policy; the text names file and line."""


def load_policies(path: str) -> tuple[Policy, ...]:
    """The policies of a file. Raises OSError, PolicyFileError."""
    out = []
    for number, line in enumerate(Path(path).read_text().splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            found = orjson.loads(text)
            out.append(_policy(found))
        except (ValueError, TypeError, AttributeError) as error:
            raise PolicyFileError(f"error reading policy file {path}, line {number}: {line}: {error}") from None
    return tuple(out)


def _policy(found: dict[str, Any]) -> Policy:
    if not found.get("apiVersion") and not found.get("kind"):
        return _unversioned(found)
    if found.get("kind") != "Policy" or found.get("apiVersion") not in (_GROUP + "v1beta1", _GROUP + "v0"):
        raise ValueError(f"unrecognized object {found.get('apiVersion')}, Kind={found.get('kind')}")
    if found["apiVersion"].endswith("v0"):
        return _unversioned(found)
    spec = found.get("spec") or {}
    return Policy(
        *_who(spec),
        bool(spec.get("readonly")),
        spec.get("apiGroup", ""),
        spec.get("resource", ""),
        spec.get("namespace", ""),
        spec.get("nonResourcePath", ""),
    )


def _who(spec: dict[str, Any]) -> tuple[str, str]:
    """A star means everybody who is authenticated."""
    user, group = spec.get("user", ""), spec.get("group", "")
    return ("", ALL_AUTHENTICATED) if ALL in (user, group) else (user, group)


def _unversioned(found: dict[str, Any]) -> Policy:
    """The oldest form, in which what is left out means everything."""
    user, group = _who(found)
    if not user and not group:
        group = ALL_AUTHENTICATED
    resource, namespace = found.get("resource", ""), found.get("namespace", "")
    path = "" if resource or namespace else ALL
    return Policy(user, group, bool(found.get("readonly")), ALL, resource or ALL, namespace or ALL, path)


class ABACAuthorizer:
    """Allows what some policy allows; never denies."""

    def __init__(self, policies: tuple[Policy, ...]) -> None:
        self._policies = policies

    async def authorize(self, attributes: Attributes) -> tuple[Decision, str]:
        """ALLOW or NO_OPINION."""
        if any(p.is_about(attributes.user) and p.allows(attributes) for p in self._policies):
            return Decision.ALLOW, ""
        return Decision.NO_OPINION, "No policy matched."

    async def rules_for(self, user: User, namespace: str) -> RulesResult:
        """What the policies about a user allow in a namespace."""
        resources: list[dict[str, list[str]]] = []
        paths: list[dict[str, list[str]]] = []
        for policy in self._policies:
            if not policy.is_about(user) or policy.namespace not in (ALL, namespace):
                continue
            verbs = sorted(_READ_ONLY_VERBS) if policy.read_only else [ALL]
            if policy.resource:
                resources.append({"verbs": verbs, "apiGroups": [policy.api_group], "resources": [policy.resource]})
            if policy.non_resource_path:
                paths.append({"verbs": verbs, "nonResourceURLs": [policy.non_resource_path]})
        return RulesResult(resources, paths, False)
