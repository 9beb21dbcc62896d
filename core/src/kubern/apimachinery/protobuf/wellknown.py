"""Messages whose JSON is not an object of their fields: times, quantities, raw JSON and the like.

Upstream: the Marshal and MarshalJSON methods written by hand. Each entry is a pair: from the message's bytes to the
JSON value, and back. Next: `decoder.py`, `encoder.py`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson

from kubern.apimachinery.protobuf.wire import VARINT, ProtobufError, fields, signed, sized, tag, text, varint
from kubern.util.goduration import format_duration, parse_duration

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAGIC = b"k8s\0"


class WellKnown(NamedTuple):
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]


def _number(data: bytes, wanted: int) -> int:
    """The integer field `wanted`, 0 when it is missing."""
    found = 0
    for number, _, value in fields(data):
        if number == wanted:
            if not isinstance(value, int):
                raise ProtobufError(f"proto: wrong wireType for field {wanted}")
            found = signed(value)
    return found


def _bytes(data: bytes, wanted: int) -> bytes:
    """The bytes field `wanted`, empty when it is missing."""
    found = b""
    for number, _, value in fields(data):
        if number == wanted:
            if not isinstance(value, bytes):
                raise ProtobufError(f"proto: wrong wireType for field {wanted}")
            found = value
    return found


def _integer(number: int, value: int) -> bytes:
    return tag(number, VARINT) + varint(value)


def _decode_time(data: bytes) -> str | None:
    return _moment(data, 0).strftime("%Y-%m-%dT%H:%M:%SZ") if data else None


def _decode_micro_time(data: bytes) -> str | None:
    return _moment(data, _number(data, 2) // 1000).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if data else None


def _moment(data: bytes, microseconds: int) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=_number(data, 1), microseconds=microseconds)
    except OverflowError:
        raise ProtobufError("Time.MarshalJSON: year outside of range [0,9999]") from None


def _encode_time(value: str | None) -> bytes:
    if value is None:
        return b""
    try:
        since = datetime.fromisoformat(value) - _EPOCH
    except (ValueError, TypeError) as error:
        raise ProtobufError(f"not a time: {value!r}") from error
    return _integer(1, since.days * 86400 + since.seconds) + _integer(2, since.microseconds * 1000)


def _decode_int_or_string(data: bytes) -> int | str:
    return _number(data, 2) if _number(data, 1) == 0 else text(_bytes(data, 3))


def _encode_int_or_string(value: int | str) -> bytes:
    if isinstance(value, str):
        return _integer(1, 1) + _integer(2, 0) + sized(3, value.encode())
    return _integer(1, 0) + _integer(2, value) + sized(3, b"")


def _decode_text(data: bytes) -> str:
    return text(_bytes(data, 1))


def _encode_text(value: Any) -> bytes:
    return sized(1, str(value).encode())


def _decode_raw(data: bytes) -> Any:
    raw = _bytes(data, 1)
    if not raw:
        return None
    if raw.startswith(MAGIC):
        from kubern.apimachinery.protobuf.envelope import decode

        return decode(raw)
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ProtobufError(f"raw JSON: {error}") from error


def _encode_raw(value: Any) -> bytes:
    return sized(1, orjson.dumps(value)) if value is not None else b""


def _decode_texts(data: bytes) -> list[str]:
    return [text(value) for number, _, value in fields(data) if number == 1]


def _encode_texts(values: list[str]) -> bytes:
    return b"".join(sized(1, value.encode()) for value in values)


def _decode_duration(data: bytes) -> str:
    return format_duration(_number(data, 1))


def _encode_duration(value: str) -> bytes:
    return _integer(1, parse_duration(value))


_TEXTS = WellKnown(_decode_texts, _encode_texts)
_RAW = WellKnown(_decode_raw, _encode_raw)
_TIME = WellKnown(_decode_time, _encode_time)
_TEXT = WellKnown(_decode_text, _encode_text)

_BY_NAME = {
    "meta.v1.Time": _TIME,
    "meta.v1.Timestamp": _TIME,
    "meta.v1.MicroTime": WellKnown(_decode_micro_time, _encode_time),
    "meta.v1.Duration": WellKnown(_decode_duration, _encode_duration),
    "meta.v1.FieldsV1": _RAW,
    "meta.v1.Verbs": _TEXTS,
    "quantity.Quantity": _TEXT,
    "quantity.QuantityValue": _TEXT,
    "intstr.IntOrString": WellKnown(_decode_int_or_string, _encode_int_or_string),
    "runtime.RawExtension": _RAW,
}
_BY_KIND = {"ExtraValue": _TEXTS, "JSON": _RAW}


def well_known(name: str) -> WellKnown | None:
    """The conversions of a message by its name, None for ordinary ones."""
    return _BY_NAME.get(name) or _BY_KIND.get(name.rpartition(".")[2])


def decode_bytes(data: bytes) -> str:
    return base64.b64encode(data).decode()


def encode_bytes(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (ValueError, TypeError) as error:
        raise ProtobufError(f"illegal base64 data: {error}") from error
