"""Whether a rule means a request (upstream: admission/plugin/webhook/predicates/rules)."""

from __future__ import annotations

from typing import Any, NamedTuple

from kubern.admission.interface import Attributes

Object = dict[str, Any]
_NAMESPACES = ("", "namespaces")


class Resource(NamedTuple):
    """A resource in a version."""

    group: str
    version: str
    resource: str


def resource_of(attributes: Attributes) -> Resource:
    """The resource that was requested."""
    return Resource(attributes.group, attributes.version, attributes.resource)


def rule_matches(rule: Object, attributes: Attributes, resource: Resource) -> bool:
    """Whether the rule means the request, seen as one for `resource`."""
    return (
        _has(rule.get("operations"), attributes.operation)
        and _has(rule.get("apiGroups"), resource.group)
        and _has(rule.get("apiVersions"), resource.version)
        and _matches_resource(rule.get("resources") or (), resource.resource, attributes.subresource)
        and _matches_scope(rule.get("scope"), attributes, resource)
    )


def _has(values: list[str] | None, value: str) -> bool:
    return any(v in ("*", value) for v in values or ())


def _matches_resource(patterns: Any, resource: str, subresource: str) -> bool:
    for pattern in patterns:
        wanted, _, wanted_sub = pattern.partition("/")
        if wanted in ("*", resource) and wanted_sub in ("*", subresource):
            return True
    return False


def _matches_scope(scope: str | None, attributes: Attributes, resource: Resource) -> bool:
    if scope in (None, "", "*"):
        return True
    # Requests for a namespace carry its name as their namespace, but it is a cluster's object.
    in_cluster = (resource.group, resource.resource) == _NAMESPACES or not attributes.namespace
    return in_cluster if scope == "Cluster" else not in_cluster
