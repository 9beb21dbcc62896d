"""The request's objects in the version that a webhook or policy asked for (upstream: admission.VersionedAttributes)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kubern.apimachinery.errors import StatusError, internal_error
from kubern.util.json_copy import json_copy
from kubern_kubeapi.admission.dynamic.rules import Resource

if TYPE_CHECKING:
    from kubern.admission.interface import Attributes
    from kubern.apimachinery.resource import VersionDefinition

Object = dict[str, Any]


class Kind(NamedTuple):
    """A kind in a version."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


def requested_kind(attributes: Attributes) -> Kind:
    """The kind of the request's body (that of the endpoint, for requests without one)."""
    scope = attributes.scope
    if scope is None:
        return Kind(attributes.group, attributes.version, attributes.kind)
    return Kind(scope.group_kind.group, scope.kind_version, attributes.kind)


def is_view(attributes: Attributes) -> bool:
    """Whether the body is of another kind than the resource's (Scale, Binding, Eviction): the same in all versions."""
    return attributes.scope is not None and not attributes.scope.stored_kind


def kind_for(attributes: Attributes, resource: Resource) -> Kind:
    """The kind of the request's objects when it is seen as one for `resource`."""
    kind = requested_kind(attributes)
    return kind if is_view(attributes) else Kind(resource.group, resource.version, kind.kind)


class VersionedAttributes:
    """The request's object and old object in one kind's version; both shared, to be replaced and not changed."""

    def __init__(self, attributes: Attributes, kind: Kind) -> None:
        self.attributes = attributes
        self.kind = kind
        self.object = self._convert(attributes.object)
        self.old_object = self._convert(attributes.old_object)

    def _version(self) -> VersionDefinition | None:
        definition = self.attributes.definition
        if definition is None or is_view(self.attributes) or definition.group != self.kind.group:
            return None
        return definition.version(self.kind.version)

    def _convert(self, obj: Object | None) -> Object | None:
        """A hub object in this version; itself where it is in that version already."""
        if obj is None or is_view(self.attributes):
            return obj
        if obj.get("apiVersion") == self.kind.api_version:
            return obj
        version = self._version()
        if version is not None and version.from_hub is not None:
            obj = json_copy(obj)
            version.from_hub(obj)
            obj["apiVersion"] = self.kind.api_version
            return obj
        return {**obj, "apiVersion": self.kind.api_version}

    def replace_object(self, obj: Object, *, strict: bool = False) -> None:
        """Take `obj`, of this version, for the request's object: defaulted, and converted to the storage version.

        Raises StatusError 500 for what the version cannot hold, with `strict` for unknown fields too.
        """
        version, definition = self._version(), self.attributes.definition
        self._normalise(obj, strict)
        if version is not None and version.default is not None:
            version.default(obj)
        self.object = obj
        if version is None or definition is None:
            self.attributes.object = obj
            return
        hub = json_copy(obj)
        if version.to_hub is not None:
            version.to_hub(hub)
        hub["apiVersion"] = definition.api_version()
        self.attributes.object = hub

    def _normalise(self, obj: Object, strict: bool) -> None:
        scope = self.attributes.scope
        if scope is None or self.kind != requested_kind(self.attributes):
            return
        try:
            unknown = scope.codec.normalise(obj, strict)
        except StatusError as error:
            _, _, text = error.message.partition(f" cannot be handled as a {scope.kind}: ")
            raise internal_error(text or error.message) from error
        if unknown:
            raise internal_error(f"strict decoding error: {', '.join(unknown)}")
