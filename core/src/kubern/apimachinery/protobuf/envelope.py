"""Whole objects: four magic bytes, then a runtime.Unknown that names the kind and holds the message.

Upstream: runtime/serializer/protobuf. Next: `decoder.py`, `encoder.py`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from kubern.apimachinery.protobuf.decoder import decode_message
from kubern.apimachinery.protobuf.encoder import encode_message
from kubern.apimachinery.protobuf.messages import message_name
from kubern.apimachinery.protobuf.wellknown import MAGIC
from kubern.apimachinery.protobuf.wire import ProtobufError, fields, sized, text

Object = dict[str, Any]


def is_protobuf(data: bytes) -> bool:
    """Whether these bytes are an object in protobuf."""
    return data.startswith(MAGIC)


def has_protobuf(api_version: str, kind: str) -> bool:
    """Whether a kind can be encoded; custom resources cannot."""
    return message_name(api_version, kind) is not None


def decode(data: bytes) -> Object:
    """The object with kind and apiVersion first. Raises ProtobufError."""
    return decode_raw(open_envelope(data))


class Envelope(NamedTuple):
    """A runtime.Unknown: what it says that the message `raw` is."""

    api_version: str
    kind: str
    raw: bytes
    content_type: str


def open_envelope(data: bytes) -> Envelope:
    """The envelope around an object. Raises ProtobufError."""
    if not data:
        raise ProtobufError("empty data")
    if not data.startswith(MAGIC):
        raise ProtobufError("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
    if len(data) == len(MAGIC):
        raise ProtobufError("empty body")
    return _open(data[len(MAGIC) :])


def decode_raw(envelope: Envelope) -> Object:
    """The object in an envelope, with the envelope's kind and apiVersion first. Raises ProtobufError."""
    api_version, kind, raw, content_type = envelope
    if content_type == "application/json":  # an object without a protobuf form inside another one
        return _from_json(raw)
    name = message_name(api_version, kind)
    if name is None:
        raise ProtobufError(f'no kind "{kind}" is registered for version "{api_version}"')
    try:
        obj = {"kind": kind, "apiVersion": api_version, **decode_message(name, raw)}
        orjson.dumps(obj)
    except (RecursionError, orjson.JSONEncodeError):  # objects in objects in objects
        raise ProtobufError("proto: message is nested too deeply") from None
    return obj


def encode(obj: Object) -> bytes:
    """The object in its envelope. Raises ProtobufError when the kind has no protobuf form."""
    api_version, kind = obj.get("apiVersion", ""), obj.get("kind", "")
    name = message_name(api_version, kind)
    if name is None:
        raise ProtobufError(f"object {api_version}, Kind={kind} does not implement the protobuf marshalling interface")
    type_meta = sized(1, api_version.encode()) + sized(2, kind.encode())
    raw = encode_message(name, obj)
    return b"".join((MAGIC, sized(1, type_meta), sized(2, raw), sized(3, b""), sized(4, b"")))


def encode_watch_frame(event_type: str, encoded_object: bytes) -> bytes:
    """A frame of a protobuf watch stream: its length in four bytes, then a bare WatchEvent.

    `encoded_object` is `encode`'s result.
    """
    event = sized(1, event_type.encode()) + sized(2, sized(1, encoded_object))
    return len(event).to_bytes(4, "big") + event


def _open(data: bytes) -> Envelope:
    api_version = kind = content_type = ""
    raw = b""
    for number, _, value in fields(data):
        if not isinstance(value, bytes):
            continue
        if number == 1:
            type_meta = {n: text(v) for n, _, v in fields(value, "TypeMeta") if isinstance(v, bytes)}
            api_version, kind = type_meta.get(1, ""), type_meta.get(2, "")
        elif number == 2:
            raw = value
        elif number == 4:
            content_type = text(value)
    return Envelope(api_version, kind, raw, content_type)


def _from_json(raw: bytes) -> Object:
    try:
        obj = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ProtobufError(f"raw JSON: {error}") from error
    if not isinstance(obj, dict):
        raise ProtobufError("raw JSON is no object")
    return obj
