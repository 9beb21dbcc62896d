"""What plain scalars mean, and numbers as text. Upstream: goyaml v2's resolve.go."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from kubern.util.goprint import print_float

_WORDS: Final[dict[str, Any]] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_NUMERIC_START: Final = frozenset("+-.0123456789")
_TOO_LONG: Final = 100
"""No number of so many characters fits 64 bits, however it is written; Python refuses to read very long ones."""
_INT = re.compile(r"([+-]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def resolve_plain(text: str) -> Any:
    """The value of an unquoted scalar: a bool, null, int, float, or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC_START:
        return text
    plain = text.replace("_", "")
    match = _INT.fullmatch(plain)
    if match is not None and len(plain) < _TOO_LONG:
        sign, hexadecimal, binary, octal, decimal = match.groups()
        value = int(
            hexadecimal or binary or octal or decimal, 16 if hexadecimal else 2 if binary else 8 if octal else 10
        )
        value = -value if sign == "-" else value
        if -(2**63) <= value < 2**64:
            return value
    if _FLOAT.fullmatch(plain) is not None:
        number = float(plain)
        return text if math.isinf(number) else number
    return text


def go_float(number: float) -> str:
    """A float as goyaml writes it: `1.5`, `1e+06`, `.inf`."""
    if math.isnan(number) or math.isinf(number):
        return ".nan" if math.isnan(number) else ".inf" if number > 0 else "-.inf"
    return print_float(number)
