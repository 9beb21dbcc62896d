"""The field manager of an endpoint: its kind's schemas, versions and reset fields put together.

Next: `apimachinery/managedfields/manager.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery.managedfields.errors import MissingVersionError
from kubern.apimachinery.managedfields.factory import built_in, custom_resource
from kubern.util.json_copy import json_copy

if TYPE_CHECKING:
    from kubern.apimachinery.managedfields.manager import FieldManager
    from kubern.apimachinery.resource import VersionDefinition
    from kubern.apimachinery.schema.model import Schema
    from kubern.endpoints.scope import RequestScope

Object = dict[str, Any]


def make_field_manager(scope: RequestScope) -> FieldManager:
    """The field manager for writes through `scope`."""
    kinds = _Kinds(scope)
    subresource = scope.subresource_name
    reset = scope.strategy.reset_fields if scope.stored_kind else ()
    versions = scope.definition.versions
    without_schema = all(version.schema is None for version in versions)
    if scope.stored_kind and (scope.definition.typed_items or without_schema):
        served = [scope.definition.api_version(version.version) for version in versions if version.served]
        return custom_resource(
            scope.api_version,
            scope.kind,
            kinds.schema_for,
            served,
            convert=kinds.convert,
            subresource=subresource,
            reset_fields=reset,
        )
    return built_in(
        scope.api_version,
        scope.kind,
        kinds.schema_for,
        convert=kinds.convert,
        subresource=subresource,
        reset_fields=reset,
    )


class _Kinds:
    """Schemas and conversions of the endpoint's kind, by apiVersion."""

    def __init__(self, scope: RequestScope) -> None:
        self.scope = scope
        definition = scope.definition
        self.versions: dict[str, VersionDefinition] = {}
        if scope.stored_kind:
            self.versions = {definition.api_version(v.version): v for v in definition.versions}

    def schema_for(self, api_version: str) -> Schema | None:
        """The kind's schema in an apiVersion."""
        if not self.scope.stored_kind:
            return self.scope.kind_schema() if api_version == self.scope.api_version else None
        version = self.versions.get(api_version)
        return version.schema() if version is not None and version.schema is not None else None

    def convert(self, obj: Object, api_version: str) -> Object:
        """The object in another version, by way of the storage version. Raises MissingVersionError, ConversionNeeded."""
        source, target = self.versions.get(obj.get("apiVersion", "")), self.versions.get(api_version)
        if source is None or target is None:
            raise MissingVersionError(api_version)
        if self.scope.remote_conversions is not None:
            return self.scope.remote_conversions.convert(obj, api_version)
        out = json_copy(obj)
        if source.to_hub is not None:
            source.to_hub(out)
        if target.from_hub is not None:
            target.from_hub(out)
        out["apiVersion"] = api_version
        return out
