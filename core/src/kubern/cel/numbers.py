"""Doubles as Go reads and prints them (strconv).

Next: `library/conversions.py`, `library/format_string.py`.
"""

from __future__ import annotations

import math
import re

_FLOAT = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    r"|0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+)",
    re.ASCII,
)
_SPECIAL = re.compile(r"[+-]?(?:inf|infinity|nan)", re.ASCII | re.IGNORECASE)
_SIGNED_NAN = re.compile(r"[+-]nan", re.IGNORECASE)
_MAX_LENGTH = 1000
# The exponents at which %g turns to scientific notation.
_MIN_EXPONENT = -4
_MAX_EXPONENT = 6


def parse_double(text: str) -> float | None:
    """strconv.ParseFloat; None where it gives an error, also for numbers out of range."""
    if len(text) > _MAX_LENGTH:
        return None
    if _SPECIAL.fullmatch(text):
        return None if _SIGNED_NAN.fullmatch(text) else float(text)
    if _FLOAT.fullmatch(text) is None:
        return None
    try:
        value = float.fromhex(text) if "x" in text.lower() else float(text)
    except OverflowError:
        return None
    return None if math.isinf(value) else value


def shortest_digits(value: float) -> tuple[str, int]:
    """The shortest digits of a positive finite number, and the decimal exponent of the first."""
    mantissa, _, exponent = f"{value!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0)
    if whole.strip("0") == "":
        point = int(exponent or 0) - (len(fraction) - len(fraction.lstrip("0")))
    digits = digits.rstrip("0")
    return digits or "0", point - 1


def format_double(value: float) -> str:
    """string(double): the shortest text, with an exponent for very large and very small numbers."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    if value == 0.0:
        return f"{sign}0"
    digits, exponent = shortest_digits(abs(value))
    if exponent < _MIN_EXPONENT or exponent >= _MAX_EXPONENT:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    if len(digits) <= exponent + 1:
        return f"{sign}{digits.ljust(exponent + 1, '0')}"
    return f"{sign}{digits[: exponent + 1]}.{digits[exponent + 1 :]}"
