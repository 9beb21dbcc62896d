"""Numbers as Go holds them: int64 or float64, and the conversions kube-openapi makes between them.

Upstream: kube-openapi validate/values.go and go-openapi swag's number conversions. Next: `checks.py`.
"""

from __future__ import annotations

import math
from typing import Final

from kubern.util.gofloat import format_plain

INT64_MIN: Final = -(2**63)
INT64_MAX: Final = 2**63 - 1
_MAX_JSON_FLOAT: Final = float(2**53 - 1)
_EPSILON: Final = 1e-9


def normal(value: int | float) -> int | float:
    """Integers that do not fit into int64 are floats in Go."""
    if value.__class__ is int and not INT64_MIN <= value <= INT64_MAX:
        return float(value)
    return value


def is_json_integer(value: float) -> bool:
    """Whether a float is an integer up to rounding (upstream: swag.IsFloat64AJSONInteger)."""
    if not -_MAX_JSON_FLOAT <= value <= _MAX_JSON_FLOAT:
        return False
    whole = float(math.trunc(value)) if value >= 0 else float(-math.trunc(-value))
    if value == whole:
        return True
    if value == 0 or whole == 0:
        return False
    difference = abs(value - whole)
    return difference / min(abs(value) + abs(whole), math.inf) < _EPSILON


def fits_int64(value: int | float) -> bool:
    """Whether the decimal text of a number parses as an int64 (upstream: IsValueValidAgainstRange)."""
    if value.__class__ is int:
        return INT64_MIN <= value <= INT64_MAX
    text = format_plain(float(value))
    return text.lstrip("-").isdigit() and INT64_MIN <= int(text) <= INT64_MAX


def truncated(bound: int | float) -> int:
    """A bound as int64(bound) has it: cut towards zero."""
    return math.trunc(bound)


def is_multiple(value: int | float, factor: int | float) -> bool:
    """Whether `value` is a multiple of a positive factor; exact for two integers."""
    if value.__class__ is int and float(factor).is_integer() and factor != 0:
        return value % truncated(factor) == 0
    if factor == 0:
        return False
    return is_json_integer(1 / factor * value if factor < 1 else value / factor)
