"""Floating-point numbers as Go prints them: `%v` in messages, 'f' in conversions, and JSON."""

from __future__ import annotations

import math
from decimal import Decimal

_SHORTEST_PRECISION = 6
"""strconv's threshold for 'g' with the shortest representation."""
_MIN_PLAIN_EXPONENT = -4


def _digits(value: float) -> tuple[str, str, int]:
    """Sign, shortest decimal digits, and the exponent of the first digit."""
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits)).rstrip("0") or "0"
    return "-" if sign else "", text, exponent + len(digits) - 1 if text != "0" else 0


def _special(value: float) -> str | None:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return None


def format_plain(value: float) -> str:
    """Without an exponent (strconv.FormatFloat with 'f' and -1): 2.5, 100, 0.001."""
    special = _special(value)
    if special is not None:
        return special
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _format_exponent(value: float) -> str:
    sign, digits, exponent = _digits(value)
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def format_value(value: float) -> str:
    """As fmt prints %v: 0.75, 123456.5, and an exponent from a million on.

    >>> format_value(1000000.0)
    '1e+06'
    """
    special = _special(value)
    if special is not None:
        return special
    _, _, exponent = _digits(value)
    if exponent < _MIN_PLAIN_EXPONENT or exponent >= _SHORTEST_PRECISION:
        return _format_exponent(value)
    return format_plain(value)
