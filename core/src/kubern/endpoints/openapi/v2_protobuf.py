"""An OpenAPI v2 document as protobuf (gnostic's openapi.v2.Document), which client-go asks for.

Each message is a table from JSON members to field numbers and writers; members that a table lacks become vendor
extensions in YAML. Next: `service.py`.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from kubern.apimachinery.protobuf.wire import FIXED64, VARINT, sized, tag, varint
from kubern.apimachinery.yaml import dump_yaml

Object = Mapping[str, Any]
Write = Callable[[int, Any], bytes]


def encode_document(document: bytes) -> bytes:
    """The protobuf form of a JSON document."""
    return _message(orjson.loads(document), _document_fields())


# -- fields of single values


def _text(number: int, value: Any) -> bytes:
    return sized(number, str(value).encode())


def _texts(number: int, values: Any) -> bytes:
    return b"".join(_text(number, value) for value in values)


def _bool(number: int, value: Any) -> bytes:
    return tag(number, VARINT) + b"\x01" if value else b""


def _int(number: int, value: Any) -> bytes:
    return tag(number, VARINT) + varint(int(value) & (1 << 64) - 1)


def _double(number: int, value: Any) -> bytes:
    return tag(number, FIXED64) + struct.pack("<d", value)


@functools.lru_cache(maxsize=1024)
def _yaml(packed: bytes) -> bytes:
    return dump_yaml(orjson.loads(packed))


def _any(number: int, value: Any) -> bytes:
    return sized(number, sized(2, _yaml(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))))


def _anys(number: int, values: Any) -> bytes:
    return b"".join(_any(number, value) for value in values)


# -- messages


def _message(obj: Object, fields: Mapping[str, tuple[int, Write]], extension: int = 0) -> bytes:
    """A message's members by its table; the rest as vendor extensions numbered `extension`."""
    out = []
    for name, value in obj.items():
        field = fields.get(name)
        if field is not None:
            number, write = field
            out.append(write(number, value))
        elif extension and name.startswith("x-"):
            out.append(sized(extension, _text(1, name) + _any(2, value)))
    return b"".join(out)


def _pairs(values: Object, write: Callable[[Any], bytes], number: int = 1) -> bytes:
    """A map as repeated (name, value) pairs."""
    return b"".join(sized(number, _text(1, name) + sized(2, write(value))) for name, value in values.items())


def _named(write: Callable[[Any], bytes], wrapper: int = 1) -> Write:
    """A map inside a message of its own."""
    return lambda number, values: sized(number, _pairs(values, write, wrapper))


def _schema(raw: Any) -> bytes:
    return _message(raw, _SCHEMA, 31)


def _schema_field(number: int, raw: Any) -> bytes:
    return sized(number, _schema(raw))


def _schemas(number: int, values: Any) -> bytes:
    return b"".join(_schema_field(number, value) for value in values)


def _additional(number: int, value: Any) -> bytes:
    return sized(number, _bool(2, value) if isinstance(value, bool) else _schema_field(1, value))


def _types(number: int, value: Any) -> bytes:
    return sized(number, _texts(1, [value] if isinstance(value, str) else value))


def _items(number: int, value: Any) -> bytes:
    return sized(number, _schema_field(1, value))


_SCHEMA: Final[dict[str, tuple[int, Write]]] = {
    "$ref": (1, _text), "format": (2, _text), "title": (3, _text), "description": (4, _text), "default": (5, _any),
    "multipleOf": (6, _double), "maximum": (7, _double), "exclusiveMaximum": (8, _bool), "minimum": (9, _double),
    "exclusiveMinimum": (10, _bool), "maxLength": (11, _int), "minLength": (12, _int), "pattern": (13, _text),
    "maxItems": (14, _int), "minItems": (15, _int), "uniqueItems": (16, _bool), "maxProperties": (17, _int),
    "minProperties": (18, _int), "required": (19, _texts), "enum": (20, _anys),
    "additionalProperties": (21, _additional), "type": (22, _types), "items": (23, _items), "allOf": (24, _schemas),
    "properties": (25, _named(_schema)), "example": (30, _any),
}  # fmt: skip
_QUERY: Final[dict[str, tuple[int, Write]]] = {
    "required": (1, _bool), "in": (2, _text), "description": (3, _text), "name": (4, _text), "type": (6, _text),
    "uniqueItems": (20, _bool),
}  # fmt: skip
_PATH: Final[dict[str, tuple[int, Write]]] = {
    "required": (1, _bool), "in": (2, _text), "description": (3, _text), "name": (4, _text), "type": (5, _text),
    "uniqueItems": (19, _bool),
}  # fmt: skip
_BODY: Final[dict[str, tuple[int, Write]]] = {
    "description": (1, _text), "name": (2, _text), "in": (3, _text), "required": (4, _bool),
    "schema": (5, _schema_field),
}  # fmt: skip


def _parameter(raw: Any) -> bytes:
    if raw["in"] == "body":
        return sized(1, _message(raw, _BODY))
    query = raw["in"] == "query"
    return sized(2, sized(3 if query else 4, _message(raw, _QUERY if query else _PATH)))


def _parameters(number: int, values: Any) -> bytes:
    return b"".join(
        sized(number, sized(2, _text(1, v["$ref"])) if "$ref" in v else sized(1, _parameter(v))) for v in values
    )


def _response(raw: Any) -> bytes:
    schema = sized(2, _schema_field(1, raw["schema"])) if "schema" in raw else b""
    return sized(1, _text(1, raw["description"]) + schema)


def _operation(number: int, raw: Any) -> bytes:
    return sized(number, _message(raw, _OPERATION, 13))


_OPERATION: Final[dict[str, tuple[int, Write]]] = {
    "tags": (1, _texts), "description": (3, _text), "operationId": (5, _text), "produces": (6, _texts),
    "consumes": (7, _texts), "parameters": (8, _parameters), "responses": (9, _named(_response)),
    "schemes": (10, _texts),
}  # fmt: skip
_PATH_ITEM: Final[dict[str, tuple[int, Write]]] = {
    "get": (2, _operation), "put": (3, _operation), "post": (4, _operation), "delete": (5, _operation),
    "options": (6, _operation), "head": (7, _operation), "patch": (8, _operation), "parameters": (9, _parameters),
}  # fmt: skip
_API_KEY: Final[dict[str, tuple[int, Write]]] = {
    "type": (1, _text), "name": (2, _text), "in": (3, _text), "description": (4, _text),
}  # fmt: skip


def _path_item(raw: Any) -> bytes:
    return _message(raw, _PATH_ITEM, 10)


def _security(number: int, values: Any) -> bytes:
    return b"".join(sized(number, _pairs(value, lambda scopes: _texts(1, scopes))) for value in values)


def _document_fields() -> dict[str, tuple[int, Write]]:
    info: dict[str, tuple[int, Write]] = {"title": (1, _text), "version": (2, _text)}
    return {
        "swagger": (1, _text),
        "info": (2, lambda number, raw: sized(number, _message(raw, info))),
        "paths": (8, _named(_path_item, 2)),
        "definitions": (9, _named(_schema)),
        "parameters": (10, _named(_parameter)),
        "security": (12, _security),
        "securityDefinitions": (13, _named(lambda raw: sized(2, _message(raw, _API_KEY)))),
    }
