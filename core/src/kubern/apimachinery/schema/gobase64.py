"""Standard base64 with the errors of Go's decoder."""

from __future__ import annotations

import base64
import binascii
from typing import Final


class Base64Error(ValueError):
    """A text that is no base64; the message is Go's."""


_BASE64: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def decode_base64(text: str) -> bytes:
    """The bytes of standard base64, line breaks ignored. Raises Base64Error naming the byte where Go stops."""
    try:
        return base64.b64decode(text.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        pass
    raise Base64Error(f"illegal base64 data at input byte {_bad_base64_offset(text.encode())}")


def _bad_base64_offset(data: bytes) -> int:
    """Where Go's base64 decoder gives up on `data`."""
    quantum = 0
    for index, code in enumerate(data):
        char = chr(code)
        if char in "\r\n":
            continue
        if char == "=":
            return _bad_padding_offset(data, index, quantum)
        if char not in _BASE64:
            return index
        quantum = (quantum + 1) % 4
    return len(data) - quantum if quantum else len(data)


def _bad_padding_offset(data: bytes, index: int, quantum: int) -> int:
    """Where Go stops, `data[index]` being the first `=` after `quantum` characters of a group of four."""
    if quantum < 2:
        return index
    rest = [i for i in range(index + 1, len(data)) if data[i] not in b"\r\n"]
    if quantum == 2:
        if not rest:
            return len(data)
        if data[rest[0]] != ord("="):
            return rest[0] - 1
        rest = rest[1:]
    return rest[0] if rest else len(data)
