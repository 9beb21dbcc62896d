"""Which requests a flow schema is about (upstream: flowcontrol/rule.go); next: `controller.py`, which asks.

Rules are turned into closures of sets once, when the configuration changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kubern.flowcontrol.configuration import FlowSchema
    from kubern.request import RequestInfo, User

ALL = "*"
_SERVICE_ACCOUNT = "system:serviceaccount:"
Matches = Callable[["User", "RequestInfo"], bool]


def compile_schema(schema: FlowSchema) -> Matches:
    """Whether any rule of the schema is about a request of a user."""
    rules = [_Rule(rule) for rule in schema.rules]
    return lambda user, info: any(rule.matches(user, info) for rule in rules)


class _Values:
    """A list that matches its members, or everything when it is just the wildcard."""

    __slots__ = ("_all", "_values")

    def __init__(self, values: Iterable[str] | None) -> None:
        self._values = frozenset(values or ())
        self._all = self._values == {ALL}

    def __contains__(self, value: object) -> bool:
        return self._all or value in self._values


class _Rule:
    """Subjects, and what they do."""

    __slots__ = ("_groups", "_namespaces", "_paths", "_resources", "_users")

    def __init__(self, rule: Mapping[str, Any]) -> None:
        self._users: set[str] = set()
        self._groups: set[str] = set()
        self._namespaces: list[str] = []
        for subject in rule.get("subjects") or ():
            self._add_subject(subject)
        self._resources = [_ResourceRule(r) for r in rule.get("resourceRules") or ()]
        self._paths = [_PathRule(r) for r in rule.get("nonResourceRules") or ()]

    def _add_subject(self, subject: Mapping[str, Any]) -> None:
        kind = subject.get("kind")
        if kind == "User" and (user := subject.get("user")) is not None:
            self._users.add(user.get("name", ""))
        elif kind == "Group" and (group := subject.get("group")) is not None:
            self._groups.add(group.get("name", ""))
        elif kind == "ServiceAccount" and (account := subject.get("serviceAccount")) is not None:
            namespace, name = account.get("namespace", ""), account.get("name", "")
            if name == ALL:
                self._namespaces.append(f"{_SERVICE_ACCOUNT}{namespace}:")
            else:
                self._users.add(f"{_SERVICE_ACCOUNT}{namespace}:{name}")

    def matches(self, user: User, info: RequestInfo) -> bool:
        if not self._is_about(user):
            return False
        if info.is_resource_request:
            return any(rule.matches(info) for rule in self._resources)
        return any(rule.matches(info) for rule in self._paths)

    def _is_about(self, user: User) -> bool:
        if user.name in self._users or ALL in self._users or ALL in self._groups:
            return True
        if not self._groups.isdisjoint(user.groups):
            return True
        return any(user.name.startswith(prefix) for prefix in self._namespaces)


class _ResourceRule:
    __slots__ = ("_cluster_scope", "_groups", "_namespaces", "_resources", "_verbs")

    def __init__(self, rule: Mapping[str, Any]) -> None:
        self._verbs = _Values(rule.get("verbs"))
        self._groups = _Values(rule.get("apiGroups"))
        self._resources = _Values(rule.get("resources"))
        self._namespaces = _Values(rule.get("namespaces"))
        self._cluster_scope = bool(rule.get("clusterScope"))

    def matches(self, info: RequestInfo) -> bool:
        resource = f"{info.resource}/{info.subresource}" if info.subresource else info.resource
        if info.verb not in self._verbs or resource not in self._resources or info.api_group not in self._groups:
            return False
        return info.namespace in self._namespaces if info.namespace else self._cluster_scope


class _PathRule:
    __slots__ = ("_paths", "_prefixes", "_verbs")

    def __init__(self, rule: Mapping[str, Any]) -> None:
        self._verbs = _Values(rule.get("verbs"))
        self._paths = frozenset(rule.get("nonResourceURLs") or ())
        # Upstream lets every path stand for what is below it, with and without a star.
        self._prefixes = tuple(path.removesuffix("*").removesuffix("/") + "/" for path in self._paths)

    def matches(self, info: RequestInfo) -> bool:
        if info.verb not in self._verbs:
            return False
        return ALL in self._paths or info.path in self._paths or info.path.startswith(self._prefixes)
