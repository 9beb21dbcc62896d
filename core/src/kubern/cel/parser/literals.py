"""Values of literal tokens, with the ranges and the messages of cel-go's parser.

Next: `unescape.py` for text.
"""

from __future__ import annotations

import math
from typing import Any

from kubern.cel.parser import lexer
from kubern.cel.parser.unescape import UnescapeError, unescape_bytes, unescape_string
from kubern.cel.runtime.values import INT_MAX, INT_MIN, UINT_MAX, Uint

_CONSTANTS = {"true": True, "false": False, "null": None}
# More digits than any number in range has; the conversion of longer ones would cost time for nothing.
_MAX_DIGITS = 40


class LiteralError(Exception):
    """The token has no value; the message is cel-go's."""


def literal_value(kind: str, text: str, negative: bool) -> Any:
    """The value of a literal token; `negative` for the sign that belongs to a number.

    Raises:
        LiteralError: the number is out of range, or the text has a bad escape.
    """
    if kind == lexer.INT:
        return _int(text, negative)
    try:
        if kind == lexer.STRING:
            return unescape_string(text)
        if kind == lexer.BYTES:
            return unescape_bytes(text[1:])
    except UnescapeError as error:
        raise LiteralError(str(error)) from error
    if kind == lexer.UINT:
        return _uint(text[:-1])
    if kind == lexer.FLOAT:
        return _float(text, negative)
    return _CONSTANTS[kind]


def _digits(text: str) -> int | None:
    if text.startswith("0x"):
        text, base = text[2:], 16
    else:
        base = 10
    text = text.lstrip("0") or "0"
    return int(text, base) if len(text) < _MAX_DIGITS else None


def _int(text: str, negative: bool) -> int:
    value = _digits(text)
    if value is not None and negative:
        value = -value
    if value is None or not INT_MIN <= value <= INT_MAX:
        raise LiteralError("invalid int literal")
    return value


def _uint(text: str) -> Uint:
    value = _digits(text)
    if value is None or value > UINT_MAX:
        raise LiteralError("invalid uint literal")
    return Uint(value)


def _float(text: str, negative: bool) -> float:
    value = float(text)
    if math.isinf(value):
        raise LiteralError("invalid double literal")
    return -value if negative else value
