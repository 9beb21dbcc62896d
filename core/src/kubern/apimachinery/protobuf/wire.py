"""The protobuf wire format: varints, tags and lengths; next: `decoder.py`."""

from __future__ import annotations

from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_END_GROUP = 4
_MASK = (1 << 64) - 1


class ProtobufError(ValueError):
    """Bytes that are no message of the expected type, or an object that does not fit its message."""


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at `at` and where it ends. Raises ProtobufError."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ProtobufError("unexpected EOF")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & _MASK, at
    raise ProtobufError("proto: integer overflow")


def fields(data: bytes, name: str = "Unknown") -> Iterator[tuple[int, int, int | bytes]]:
    """Field number, wire type and raw value of each field of the message `name`. Raises ProtobufError."""
    at, end = 0, len(data)
    while at < end:
        byte = data[at]
        if byte < 0x80:
            tag, at = byte, at + 1
        else:
            tag, at = read_varint(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == _END_GROUP:
            raise ProtobufError(f"proto: {name}: wiretype end group for non-group")
        if number == 0:
            raise ProtobufError(f"proto: {name}: illegal tag 0 (wire type {tag})")
        if kind == BYTES:
            size, at = read_varint(data, at)
            if at + size > end:
                raise ProtobufError("unexpected EOF")
            yield number, kind, data[at : at + size]
            at += size
        elif kind == VARINT:
            value, at = read_varint(data, at)
            yield number, kind, value
        elif kind in (FIXED64, FIXED32):
            size = 8 if kind == FIXED64 else 4
            if at + size > end:
                raise ProtobufError("unexpected EOF")
            yield number, kind, data[at : at + size]
            at += size
        else:
            raise ProtobufError(f"proto: illegal wireType {kind}")


def text(raw: int | bytes) -> str:
    """A string field's value. Raises ProtobufError."""
    if not isinstance(raw, bytes):
        raise ProtobufError("proto: wrong wireType for a string")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise ProtobufError(f"proto: invalid UTF-8: {error}") from error


def signed(value: int) -> int:
    """A varint read as int64 (or int32, which is sign-extended on the wire)."""
    return value - (1 << 64) if value >> 63 else value


def varint(value: int) -> bytes:
    """A number as varint; negative ones take ten bytes."""
    if 0 <= value < 0x80:
        return bytes((value,))
    value &= _MASK
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def tag(number: int, kind: int) -> bytes:
    return varint(number << 3 | kind)


def sized(number: int, payload: bytes) -> bytes:
    """A field of wire type BYTES."""
    return tag(number, BYTES) + varint(len(payload)) + payload
