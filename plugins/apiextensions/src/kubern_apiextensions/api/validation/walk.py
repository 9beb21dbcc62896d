"""Walking all of a schema, junctors and unsupported parts included (upstream: SchemaHas). Next: `schemas.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

Schema = dict[str, Any]
OPENAPI_TYPES: Final = frozenset({"string", "number", "integer", "boolean", "array", "object"})
_SCALARS: Final = frozenset({"string", "number", "integer", "boolean"})
_PLAIN_KEYS: Final = frozenset(
    {
        *("type", "format", "title", "description", "enum", "example", "externalDocs", "nullable"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
    }
)


def is_plain(schema: Schema) -> bool:
    """A scalar with nothing that any rule about schemas speaks of: three of four nodes, and not worth a visit."""
    return schema.get("type") in _SCALARS and schema.keys() <= _PLAIN_KEYS


def children(schema: Schema) -> Iterator[Schema]:
    """Every schema directly inside another one."""
    items = schema.get("items")
    if isinstance(items, dict):
        yield items
    elif isinstance(items, list):
        yield from items
    for junctor in ("allOf", "anyOf", "oneOf"):
        yield from schema.get(junctor, ())
    for name in ("not", "additionalProperties", "additionalItems"):
        if isinstance(schema.get(name), dict):
            yield schema[name]
    for name in ("properties", "patternProperties", "definitions", "dependencies"):
        for child in schema.get(name, {}).values():
            if isinstance(child, dict):
                yield child


def any_schema(schema: Schema, wanted: Callable[[Schema], bool]) -> bool:
    """Whether `wanted` holds for the schema or any schema inside it."""
    return wanted(schema) or any(any_schema(child, wanted) for child in children(schema))
