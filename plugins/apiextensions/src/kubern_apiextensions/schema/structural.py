"""Words for raw structural schemas: the parts of a JSONSchemaProps dict that the other modules ask for.

Schemas stay the dicts they were decoded to, without zero values (`api/schemaprops.py::normalize`). Upstream
copies them into schema.Structural; the names here are those of its fields. Next: `walker.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

Schema = dict[str, Any]

PRESERVE_UNKNOWN_FIELDS: Final = "x-kubernetes-preserve-unknown-fields"
EMBEDDED_RESOURCE: Final = "x-kubernetes-embedded-resource"
INT_OR_STRING: Final = "x-kubernetes-int-or-string"
LIST_TYPE: Final = "x-kubernetes-list-type"
LIST_MAP_KEYS: Final = "x-kubernetes-list-map-keys"
MAP_TYPE: Final = "x-kubernetes-map-type"
VALIDATIONS: Final = "x-kubernetes-validations"
META_FIELDS: Final = frozenset({"apiVersion", "kind", "metadata"})
_NO_PROPERTIES: Final[dict[str, Schema]] = {}


def properties(schema: Schema) -> dict[str, Schema]:
    return schema.get("properties") or _NO_PROPERTIES


def items(schema: Schema) -> Schema | None:
    """The schema of a list's items; None when there is none (or, not structural, a list of them)."""
    found = schema.get("items")
    return found if isinstance(found, dict) else None


def additional_schema(schema: Schema) -> Schema | None:
    """The schema of a map's values."""
    found = schema.get("additionalProperties")
    return found if isinstance(found, dict) else None


def has_additional(schema: Schema) -> bool:
    """Whether additionalProperties is given at all, as a schema or a boolean."""
    return schema.get("additionalProperties") is not None


def preserves_unknown_fields(schema: Schema) -> bool:
    return bool(schema.get(PRESERVE_UNKNOWN_FIELDS))


def is_embedded_resource(schema: Schema) -> bool:
    return bool(schema.get(EMBEDDED_RESOURCE))


def json_types(schema: Schema) -> tuple[str, ...]:
    """The JSON types a value may have, none for any (upstream: how int-or-string reaches kube-openapi)."""
    named = schema.get("type", "")
    if named:
        return (named,)
    return ("integer", "string") if schema.get(INT_OR_STRING) else ()


def structural_children(schema: Schema) -> Iterator[Schema]:
    """Direct children on the structural spine: properties, items, additionalProperties."""
    yield from properties(schema).values()
    for child in (items(schema), additional_schema(schema)):
        if child is not None:
            yield child


def any_node(schema: Schema, wanted: Callable[[Schema], bool]) -> bool:
    """Whether the schema or a descendant on the structural spine is wanted."""
    return wanted(schema) or any(any_node(child, wanted) for child in structural_children(schema))


def child_schema(schema: Schema | None, name: str) -> Schema | None:
    """The schema of member `name`: declared, or through additionalProperties."""
    if schema is None:
        return None
    declared = properties(schema).get(name)
    return declared if declared is not None else additional_schema(schema)


def as_resource_root(schema: Schema) -> Schema:
    """The root of a resource is an embedded resource to the algorithms that know those."""
    return schema if is_embedded_resource(schema) else {**schema, EMBEDDED_RESOURCE: True}
