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

from kubern.apimachinery.protobuf.wire import VARINT, ProtobufError, fields, signed, sized, tag, varint
from kubern.util.goduration import format_duration, parse_duration

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAGIC = b"k8s\0"


class WellKnown(NamedTuple):
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]


def _numbers(data: bytes) -> dict[int, Any]:
    return {number: signed(value) if isinstance(value, int) else value for number, _, value in fields(data)}


def _integer(number: int, value: int) -> bytes:
    return tag(number, VARINT) + varint(value)


def _decode_time(data: bytes) -> str | None:
    if not data:
        return None
    return (_EPOCH + timedelta(seconds=_numbers(data).get(1, 0))).strftime("%Y-%m-%dT%H:%M:%SZ")


def _decode_micro_time(data: bytes) -> str | None:
    if not data:
        return None
    parts = _numbers(data)
    moment = _EPOCH + timedelta(seconds=parts.get(1, 0), microseconds=parts.get(2, 0) // 1000)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _encode_time(text: str | None) -> bytes:
    if text is None:
        return b""
    try:
        since = datetime.fromisoformat(text) - _EPOCH
    except (ValueError, TypeError) as error:
        raise ProtobufError(f"not a time: {text!r}") from error
    return _integer(1, since.days * 86400 + since.seconds) + _integer(2, since.microseconds * 1000)


def _decode_int_or_string(data: bytes) -> int | str:
    parts = _numbers(data)
    if parts.get(1, 0) == 0:
        return int(parts.get(2, 0))
    text: str = parts.get(3, b"").decode()
    return text


def _encode_int_or_string(value: int | str) -> bytes:
    if isinstance(value, str):
        return _integer(1, 1) + _integer(2, 0) + sized(3, value.encode())
    return _integer(1, 0) + _integer(2, value) + sized(3, b"")


def _decode_text(data: bytes) -> str:
    text: str = _numbers(data).get(1, b"").decode()
    return text


def _encode_text(value: Any) -> bytes:
    return sized(1, str(value).encode())


def _decode_raw(data: bytes) -> Any:
    raw = _numbers(data).get(1, b"")
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
    return [value.decode() for number, _, value in fields(data) if number == 1 and isinstance(value, bytes)]


def _encode_texts(values: list[str]) -> bytes:
    return b"".join(sized(1, value.encode()) for value in values)


def _decode_duration(data: bytes) -> str:
    return format_duration(_numbers(data).get(1, 0))


def _encode_duration(text: str) -> bytes:
    return _integer(1, parse_duration(text))


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


def encode_bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError) as error:
        raise ProtobufError(f"illegal base64 data: {error}") from error
