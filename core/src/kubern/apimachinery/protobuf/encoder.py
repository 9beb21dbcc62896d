"""From a dict to the bytes of its message; next: `envelope.py`.

Fields are written in the order of their numbers, maps in the order of their keys, as gogo's generated code does.
What the dict does not have is not written: readers take absent fields for zero.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache, partial
from operator import attrgetter
from typing import Any

from kubern.apimachinery.protobuf.messages import Field, Message, message
from kubern.apimachinery.protobuf.wellknown import encode_bytes, well_known
from kubern.apimachinery.protobuf.wire import FIXED64, VARINT, ProtobufError, sized, tag, varint

_NUMBER = attrgetter("number")


def encode_message(name: str, value: Any) -> bytes:
    """The bytes of a message from its JSON value. Raises ProtobufError."""
    try:
        return _writer(name)(value)
    except (TypeError, AttributeError, KeyError) as error:
        raise ProtobufError(f"not a {name}: {error}") from error


@cache
def _writer(name: str) -> Callable[[Any], bytes]:
    known = well_known(name)
    if known is not None:
        return known.encode
    choice = _CHOICES.get(name.rpartition(".")[2])
    return partial(choice, name) if choice is not None else partial(_encode_object, message(name))


def _encode_object(shape: Message, value: Any) -> bytes:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no object")
    by_name = shape.by_name
    present = [by_name[key] for key in value if key in by_name]
    present += shape.inlined
    present.sort(key=_NUMBER)
    return b"".join([_encode_field(field, value) for field in present])


def _encode_field(field: Field, parent: dict[str, Any]) -> bytes:
    if field.flag == "<":
        inlined = encode_message(field.target, parent)
        return sized(field.number, inlined)
    value = parent.get(field.name)
    if value is None:
        return b""
    number, kind, target = field.number, field.kind, field.target
    if field.repeated:
        return b"".join(_encode_value(number, kind, target, item) for item in value)
    if kind == "{":
        return b"".join(_encode_entry(number, target, key, value[key]) for key in sorted(value))
    return _encode_value(number, kind, target, value)


def _encode_value(number: int, kind: str, target: str, value: Any) -> bytes:
    if kind == "s":
        return sized(number, value.encode())
    if kind == "@":
        return sized(number, encode_message(target, value))
    if kind == "i":
        return tag(number, VARINT) + varint(int(value))
    if kind == "b":
        return tag(number, VARINT) + (b"\1" if value else b"\0")
    if kind == "y":
        return sized(number, encode_bytes(value))
    return tag(number, FIXED64) + struct.pack("<d", value)


def _encode_entry(number: int, target: str, key: str, value: Any) -> bytes:
    return sized(number, sized(1, key.encode()) + _encode_value(2, target[0], target[1:], value))


# -- JSON schema's fields that are either one thing or another


def _schema_or_list(name: str, value: Any) -> bytes:
    schema = name.removesuffix("OrArray")
    if isinstance(value, list):
        return b"".join(sized(2, encode_message(schema, item)) for item in value)
    return sized(1, encode_message(schema, value))


def _schema_or_bool(name: str, value: Any) -> bytes:
    if isinstance(value, bool):
        return tag(1, VARINT) + varint(value)
    return tag(1, VARINT) + b"\1" + sized(2, encode_message(name.removesuffix("OrBool"), value))


def _schema_or_texts(name: str, value: Any) -> bytes:
    if isinstance(value, list):
        return b"".join(sized(2, item.encode()) for item in value)
    return sized(1, encode_message(name.removesuffix("OrStringArray"), value))


_CHOICES: dict[str, Callable[[str, Any], bytes]] = {
    "JSONSchemaPropsOrArray": _schema_or_list,
    "JSONSchemaPropsOrBool": _schema_or_bool,
    "JSONSchemaPropsOrStringArray": _schema_or_texts,
}
