"""Field managers for built-in kinds and for custom resources, from their schemas."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from kubern.apimachinery.managedfields.manager import FieldManager
from kubern.apimachinery.managedfields.types import Type, Types
from kubern.apimachinery.managedfields.versions import Convert, Versions
from kubern.apimachinery.managedfields.zero import zero_object
from kubern.apimachinery.schema.model import Schema

SchemaFor = Callable[[str], Schema | None]
"""A kind's schema in an apiVersion (`apps/v1`), None when that version is not served."""


def built_in(
    api_version: str,
    kind: str,
    schema_for: SchemaFor,
    *,
    types: Types | None = None,
    convert: Convert | None = None,
    subresource: str = "",
    reset_fields: Iterable[tuple[str, ...]] = (),
) -> FieldManager:
    """The field manager of a kind with complete schemas. Share `types` between kinds of one set of definitions."""
    kept: list[Types] = [types] if types is not None else []

    def type_of(version: str) -> Type | None:
        schema = schema_for(version)
        if schema is None:
            return None
        if not kept:
            kept.append(Types(schema.resolve))
        return kept[0].of(schema)

    def zero() -> dict[str, Any]:
        schema = schema_for(api_version)
        return {} if schema is None else zero_object(schema)

    versions = Versions(type_of, convert)
    return FieldManager(api_version, kind, versions, subresource=subresource, reset_fields=reset_fields, zero=zero)


def custom_resource(
    api_version: str,
    kind: str,
    schema_for: SchemaFor,
    served: Iterable[str],
    *,
    convert: Convert | None = None,
    subresource: str = "",
    reset_fields: Iterable[tuple[str, ...]] = (),
) -> FieldManager:
    """The field manager of a custom resource. `served` are its apiVersions; one without a schema is deduced.

    Schemas are structural ones; apiVersion, kind and metadata are known without them.
    """
    served = frozenset(served)
    types = Types()

    def type_of(version: str) -> Type | None:
        return types.of_custom_resource(schema_for(version)) if version in served else None

    versions = Versions(type_of, convert)
    return FieldManager(api_version, kind, versions, subresource=subresource, reset_fields=reset_fields)
