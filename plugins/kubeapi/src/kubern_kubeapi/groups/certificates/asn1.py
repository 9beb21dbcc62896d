"""What Go's encoding/asn1 says of data that should be one SEQUENCE and is not. Next: `pem.py`."""

from __future__ import annotations

from typing import NamedTuple

SEQUENCE = 16
_PARAMETERS = (
    "{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 "
    "timeType:0 set:false omitEmpty:false}"
)
_SYNTAX, _STRUCTURE = "asn1: syntax error: ", "asn1: structure error: "
_LONG_TAG = 0x1F
_LARGEST = 1 << 23


class Problem(ValueError):
    """The text is Go's."""


class Header(NamedTuple):
    """Class, tag and length of a value, and where its content starts."""

    tag_class: int
    compound: bool
    tag: int
    length: int
    offset: int


def check_sequence(data: bytes, type_name: str) -> None:
    """Raises Problem unless `data` is exactly one SEQUENCE; `type_name` is what Go reads it into."""
    if not data:
        raise Problem(f"{_SYNTAX}sequence truncated")
    found = read_header(data)
    if (found.tag_class, found.compound, found.tag) != (0, True, SEQUENCE):
        compound = "true" if found.compound else "false"
        shown = f"{{class:{found.tag_class} tag:{found.tag} length:{found.length} isCompound:{compound}}}"
        text = f"tags don't match ({SEQUENCE} vs {shown}) {_PARAMETERS} {type_name} @{found.offset}"
        raise Problem(_STRUCTURE + text)
    end = found.offset + found.length
    if end > len(data):
        raise Problem(f"{_SYNTAX}data truncated")
    if end < len(data):
        raise Problem(f"{_SYNTAX}trailing data")


def read_header(data: bytes) -> Header:
    """Upstream: parseTagAndLength. Raises Problem."""
    first = data[0]
    tag, offset = first & _LONG_TAG, 1
    if tag == _LONG_TAG:
        tag, offset = _long_tag(data)
    if offset >= len(data):
        raise Problem(f"{_SYNTAX}truncated tag or length")
    length = data[offset]
    offset += 1
    if length & 0x80:
        length, offset = _long_length(data, offset, length & 0x7F)
    return Header(first >> 6, bool(first & 0x20), tag, length, offset)


def _long_tag(data: bytes) -> tuple[int, int]:
    tag = 0
    for i, byte in enumerate(data[1:], 1):
        if i == 1 and byte == 0x80:
            raise Problem(f"{_SYNTAX}integer is not minimally encoded")
        tag = tag << 7 | byte & 0x7F
        if tag > 0x7FFFFFFF or i > 5:
            raise Problem(f"{_STRUCTURE}base 128 integer too large")
        if not byte & 0x80:
            if tag < _LONG_TAG:
                raise Problem(f"{_SYNTAX}non-minimal tag")
            return tag, i + 1
    raise Problem(f"{_SYNTAX}truncated base 128 integer")


def _long_length(data: bytes, offset: int, count: int) -> tuple[int, int]:
    if not count:
        raise Problem(f"{_SYNTAX}indefinite length found (not DER)")
    length = 0
    for _ in range(count):
        if offset >= len(data):
            raise Problem(f"{_SYNTAX}truncated tag or length")
        if length >= _LARGEST:
            raise Problem(f"{_STRUCTURE}length too large")
        length = length << 8 | data[offset]
        offset += 1
        if not length:
            raise Problem(f"{_STRUCTURE}superfluous leading zeros in length")
    if length < 0x80:
        raise Problem(f"{_STRUCTURE}non-minimal length")
    return length, offset
