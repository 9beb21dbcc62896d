"""From a message's bytes to the dict its JSON would give; next: `envelope.py`.

What Go would leave out of JSON is left out here: zero values of fields with `omitempty`, unknown fields.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from kubern.apimachinery.protobuf.messages import Field, Message, go_name, message
from kubern.apimachinery.protobuf.wellknown import decode_bytes, well_known
from kubern.apimachinery.protobuf.wire import BYTES, FIXED64, VARINT, ProtobufError, fields, read_varint, signed, text

Object = dict[str, Any]
_WIRE = {"s": BYTES, "y": BYTES, "@": BYTES, "{": BYTES, "i": VARINT, "b": VARINT, "d": FIXED64}
_MAX_DEPTH = 100


def decode_message(name: str, data: bytes, depth: int = 0) -> Any:
    """The JSON value of a message. Raises ProtobufError."""
    return _reader(name)(data, depth)


@cache
def _reader(name: str) -> Callable[[bytes, int], Any]:
    known = well_known(name)
    if known is not None:
        return lambda data, depth: known.decode(data)
    choice = _CHOICES.get(name.rpartition(".")[2])
    return partial(choice or _decode_object, message(name))


def _decode_object(shape: Message, data: bytes, depth: int) -> Object:
    if depth > _MAX_DEPTH:
        raise ProtobufError("proto: message is nested too deeply")
    out: Object = dict.fromkeys(shape.nulls)
    for number, kind, raw in fields(data, shape.short_name):
        field = shape.by_number.get(number)
        if field is None:
            continue
        if field.repeated and kind == BYTES and _WIRE[field.kind] == VARINT:
            out.setdefault(field.name, []).extend(_packed(field, raw))  # type: ignore[arg-type] # BYTES gives bytes
            continue
        if kind != _WIRE[field.kind]:
            raise ProtobufError(f"proto: wrong wireType = {kind} for field {go_name(field.name)}")
        value = _decode_value(field.kind, field.target, raw, depth)
        _put(out, field, value)
    return out


def _put(out: Object, field: Field, value: Any) -> None:
    if field.repeated:
        if out.get(field.name) is None:
            out[field.name] = []
        out[field.name].append(value)
    elif field.kind == "{":
        if out.get(field.name) is None:
            out[field.name] = {}
        out[field.name].update(value)
    elif field.flag == "<":
        out.update(value)
    elif value or field.flag != "0":
        out[field.name] = value


def _decode_value(kind: str, target: str, raw: Any, depth: int) -> Any:
    if kind == "s":
        return text(raw)
    if kind == "@":
        return decode_message(target, raw, depth + 1)
    if kind == "i":
        return signed(raw)
    if kind == "b":
        return bool(raw)
    if kind == "{":
        return _decode_entry(target, raw, depth)
    if kind == "y":
        return decode_bytes(raw)
    return _double(raw)


def _decode_entry(target: str, raw: bytes, depth: int) -> Object:
    """One entry of a map; a missing value is the type's zero value."""
    key, value = "", b"" if _WIRE[target[0]] == BYTES else 0
    for number, kind, part in fields(raw):
        if number == 1:
            key = text(part)
        elif number == 2:
            if kind != _WIRE[target[0]]:
                raise ProtobufError(f"proto: wrong wireType = {kind} for a map's value")
            value = part
    return {key: _decode_value(target[0], target[1:], value, depth)}


def _double(raw: bytes) -> float:
    value: float = struct.unpack("<d", raw)[0]
    if not math.isfinite(value):
        raise ProtobufError("proto: a number that JSON cannot write")
    return value


def _packed(field: Field, raw: bytes) -> list[Any]:
    values, at = [], 0
    while at < len(raw):
        value, at = read_varint(raw, at)
        values.append(_decode_value(field.kind, field.target, value, 0))
    return values


# -- JSON schema's fields that are either one thing or another


def _schema_or_list(shape: Message, data: bytes, depth: int) -> Any:
    parts = _decode_object(shape, data, depth)
    return parts["jSONSchemas"] if "jSONSchemas" in parts else parts.get("schema")


def _schema_or_bool(shape: Message, data: bytes, depth: int) -> Any:
    parts = _decode_object(shape, data, depth)
    return parts["schema"] if "schema" in parts else bool(parts.get("allows"))


def _schema_or_texts(shape: Message, data: bytes, depth: int) -> Any:
    parts = _decode_object(shape, data, depth)
    return parts["property"] if "property" in parts else parts.get("schema")


_CHOICES: dict[str, Callable[[Message, bytes, int], Any]] = {
    "JSONSchemaPropsOrArray": _schema_or_list,
    "JSONSchemaPropsOrBool": _schema_or_bool,
    "JSONSchemaPropsOrStringArray": _schema_or_texts,
}
