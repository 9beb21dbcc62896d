"""Selectors and equivalent resources (upstream: predicates/namespace, predicates/object, runtime.EquivalentResourceMapper).

Next: `rules.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kubern.admission.interface import CREATE, UPDATE, Attributes
from kubern.apimachinery.errors import GroupResource, not_found
from kubern.apimachinery.selectors import Selector, label_selector_of
from kubern_kubeapi.admission.dynamic.rules import Resource, resource_of, rule_matches
from kubern_kubeapi.admission.lister import Lister

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

Object = dict[str, Any]
CONFIGURATION_GROUP = "admissionregistration.k8s.io"
CONFIGURATION = frozenset({
    "validatingwebhookconfigurations", "mutatingwebhookconfigurations", "validatingadmissionpolicies",
    "validatingadmissionpolicybindings", "mutatingadmissionpolicies", "mutatingadmissionpolicybindings",
})  # fmt: skip
"""Never seen by webhooks and policies, so that a faulty one can be removed."""


def is_configuration(attributes: Attributes) -> bool:
    return attributes.group == CONFIGURATION_GROUP and attributes.resource in CONFIGURATION


def equivalents(attributes: Attributes) -> list[Resource]:
    """Other names of the requested resource: its other versions, and the group that shares its objects."""
    definition = attributes.definition
    if definition is None:
        return []
    own = resource_of(attributes)
    found = [Resource(definition.group, v.version, definition.resource) for v in definition.versions if v.served]
    if definition.cohabits is not None:
        found.append(Resource(*definition.cohabits))
    elif (definition.group, definition.resource) == ("", "events"):
        found.append(Resource("events.k8s.io", "v1", "events"))
    return [resource for resource in found if resource != own]


class Selectors(NamedTuple):
    """Which namespaces and which objects."""

    namespaces: Selector
    objects: Selector

    @staticmethod
    def of(holder: Object) -> Selectors:
        """The selectors of a webhook or of matchResources."""
        return Selectors(
            label_selector_of(holder.get("namespaceSelector") or {}),
            label_selector_of(holder.get("objectSelector") or {}),
        )


class SelectorMatcher:
    """Compares selectors with the request's object and namespace."""

    def __init__(self, config: CompletedConfig) -> None:
        self.namespaces = Lister(config, "", "namespaces")

    async def matches(self, selectors: Selectors, attributes: Attributes) -> bool:
        """Whether both selectors choose the request. Raises StatusError 404 for a namespace that is not there."""
        return self._matches_object(selectors.objects, attributes) and await self._matches_namespace(
            selectors.namespaces, attributes
        )

    async def _matches_namespace(self, selector: Selector, attributes: Attributes) -> bool:
        is_namespace = attributes.resource == "namespaces"
        if selector.empty or (not attributes.namespace and not is_namespace):
            return True
        if is_namespace and not attributes.subresource and attributes.operation in (CREATE, UPDATE):
            return selector.matches(_labels(attributes.object))
        namespace = await self.namespaces.get("", attributes.namespace)
        if namespace is None:
            raise not_found(GroupResource("", "namespaces"), attributes.namespace)
        return selector.matches(_labels(namespace))

    def _matches_object(self, selector: Selector, attributes: Attributes) -> bool:
        if selector.empty:
            return True
        return any(
            obj is not None and selector.matches(_labels(obj)) for obj in (attributes.object, attributes.old_object)
        )


def _labels(obj: Object | None) -> dict[str, str]:
    return ((obj or {}).get("metadata") or {}).get("labels") or {}


def match_rules(rules: Any, match_policy: str, attributes: Attributes) -> Resource | None:
    """The resource under which one of the rules means the request, None when none does.

    `rules` may have resourceNames, as those of policies do.
    """
    own = resource_of(attributes)
    for rule in rules:
        if rule_matches(rule, attributes, own) and _matches_name(rule, attributes):
            return own
    if match_policy != "Equivalent":
        return None
    others = equivalents(attributes)
    for rule in rules:
        for resource in others:
            if rule_matches(rule, attributes, resource) and _matches_name(rule, attributes):
                return resource
    return None


def _matches_name(rule: Object, attributes: Attributes) -> bool:
    names = rule.get("resourceNames")
    return not names or attributes.name in names
