"""Declared types from OpenAPI and structural schemas (SchemaDeclType of apiserver's cel/common/schemas.go).

A schema is a plain dict with the wire names of JSONSchemaProps: type, properties, additionalProperties, items,
format, maxLength, x-kubernetes-list-type ...
Next: `schema.py`, `cost/schema_sizes.py`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from kubern.cel import types
from kubern.cel.errors import CelError
from kubern.cel.escaping import escape
from kubern.cel.runtime.times import parse_duration, parse_timestamp
from kubern.cel.runtime.views import Wrap
from kubern.cel.schema import (
    MAX_REQUEST_SIZE_BYTES,
    DeclField,
    DeclType,
    list_decl,
    map_decl,
    object_decl,
    simple_decl,
)

Schema = Mapping[str, Any]
_LONGEST_STRING = MAX_REQUEST_SIZE_BYTES - 2
# The longest texts of these formats, in characters with quotes (cel/limits.go).
_MAX_DURATION = 32
_DATE = 12
_MIN_DATE_TIME = 21
_MAX_DATE_TIME = 37
_MIN_DURATION = 3
_STRING_SCHEMA: Schema = {"type": "string"}
_META_SCHEMA: Schema = {
    "type": "object",
    "properties": {"name": _STRING_SCHEMA, "generateName": _STRING_SCHEMA},
}


def decl_type(schema: Schema, name: str, resource_root: bool = False) -> DeclType | None:
    """The declared type of a schema, None where expressions may not see the value.

    Args:
        schema: the schema; boolean and missing parts are allowed.
        name: the name of the type, from which the names of the types within are made.
        resource_root: whether apiVersion, kind and metadata are there even if the schema does not say so.
    """
    if schema.get("x-kubernetes-int-or-string"):
        longest = _string_length(schema, _LONGEST_STRING)
        return simple_decl(types.DYN, max_elements=longest, min_size=1)
    kind = schema.get("type")
    if kind == "array":
        return _array(schema, name)
    if kind == "object" or (resource_root and not kind):
        return _object(_with_meta(schema) if resource_root else schema, name)
    if kind == "string":
        return _string(schema)
    simple = _SIMPLE.get(kind or "")
    return None if simple is None else simple_decl(simple[0], simple[1])


def _nested(schema: Schema, name: str) -> DeclType | None:
    return decl_type(schema, name, bool(schema.get("x-kubernetes-embedded-resource")))


def _with_meta(schema: Schema) -> Schema:
    """The schema of an object whose type and name fields are always there."""
    properties = dict(schema.get("properties") or {})
    meta = properties.get("metadata") or {}
    named = meta.get("properties") or {}
    if (
        all(_is_type(properties.get(field), "string") for field in ("kind", "apiVersion"))
        and _is_type(meta, "object")
        and all(_is_type(named.get(field), "string") for field in ("name", "generateName"))
    ):
        return schema
    properties |= {"kind": _STRING_SCHEMA, "apiVersion": _STRING_SCHEMA, "metadata": _META_SCHEMA}
    return {**schema, "type": "object", "properties": properties}


def _is_type(schema: Any, kind: str) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == kind


def _array(schema: Schema, name: str) -> DeclType | None:
    items = schema.get("items")
    if not isinstance(items, Mapping):
        return None
    element = _nested(items, f"{name}.@idx")
    if element is None:
        return None
    longest = schema.get("maxItems")
    if longest is None:
        longest = (MAX_REQUEST_SIZE_BYTES - 2) // (element.min_size + 1)
    return list_decl(
        element,
        max(int(longest), 0),
        schema.get("x-kubernetes-list-type") or "atomic",
        tuple(schema.get("x-kubernetes-list-map-keys") or ()),
    )


def _object(schema: Schema, name: str) -> DeclType | None:
    values = schema.get("additionalProperties")
    if isinstance(values, Mapping):
        element = _nested(values, f"{name}.@elem")
        if element is None:
            return None
        most = schema.get("maxProperties")
        if most is None:
            # Two bytes for the key, its quotes, colon and comma, and the smallest value.
            most = (MAX_REQUEST_SIZE_BYTES - 2) // (element.min_size + 6)
        return map_decl(element, max(int(most), 0))
    return _struct(schema, name)


def _struct(schema: Schema, name: str) -> DeclType:
    required = frozenset(schema.get("required") or ())
    fields: dict[str, DeclField] = {}
    smallest = 2
    for key, property_schema in (schema.get("properties") or {}).items():
        escaped = escape(key)
        declared = _nested(property_schema, f"{name}.{escaped or key}")
        if declared is None:
            continue
        if escaped is not None:
            fields[escaped] = DeclField(key, declared, key in required)
        if key in required and property_schema.get("default") is None:
            smallest += len(key.encode()) + declared.min_size + 4
    return object_decl(name, fields, min_size=smallest)


def _string_length(schema: Schema, otherwise: int) -> int:
    """The longest text in bytes: a character of maxLength may take four."""
    longest = schema.get("maxLength")
    return otherwise if longest is None else max(int(longest), 0) * 4


def _string(schema: Schema) -> DeclType:
    special = _FORMATS.get(schema.get("format") or "")
    if special is not None:
        return special
    if schema.get("format") == "byte":
        longest = schema.get("maxLength")
        most = _LONGEST_STRING if longest is None else max(int(longest), 0)
        return simple_decl(types.BYTES, _bytes, max_elements=most)
    enum = schema.get("enum")
    if enum and schema.get("maxLength") is None:
        longest = max((len(value.encode()) for value in enum if isinstance(value, str)), default=0)
        return simple_decl(types.STRING, max_elements=longest)
    return simple_decl(types.STRING, max_elements=_string_length(schema, _LONGEST_STRING))


def _bytes(raw: Any) -> bytes:
    try:
        return base64.b64decode(raw, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CelError(f"failed to decode bytes: {error}") from error


def _duration(raw: Any) -> Any:
    value = parse_duration(raw) if isinstance(raw, str) else None
    if value is None:
        raise CelError(f"Invalid duration {raw}: not a duration")
    return value


def _date_time(raw: Any) -> Any:
    value = parse_timestamp(raw) if isinstance(raw, str) else None
    if value is None:
        raise CelError(f"Invalid date-time {raw}: not a time")
    return value


def _date(raw: Any) -> Any:
    value = parse_timestamp(f"{raw}T00:00:00Z") if isinstance(raw, str) else None
    if value is None:
        raise CelError(f"Invalid date formatted string {raw}: not a date")
    return value


_SIMPLE: dict[str, tuple[types.Type, Wrap | None]] = {
    "boolean": (types.BOOL, None),
    "integer": (types.INT, None),
    "number": (types.DOUBLE, float),
}
_FORMATS = {
    "duration": simple_decl(types.DURATION, _duration, max_elements=_MAX_DURATION, min_size=_MIN_DURATION),
    "date": simple_decl(types.TIMESTAMP, _date, max_elements=_DATE, min_size=_DATE),
    "date-time": simple_decl(types.TIMESTAMP, _date_time, max_elements=_MAX_DATE_TIME, min_size=_MIN_DATE_TIME),
}
