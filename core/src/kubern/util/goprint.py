"""JSON values as Go's fmt prints them, for messages that show a value with %v, %#v or its type."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from kubern.util.goquote import go_quote

_MIN_PLAIN_EXPONENT = -4
_MAX_PLAIN_EXPONENT = 5


def print_value(value: Any) -> str:
    """As %v does: text bare, maps as `map[a:1 b:2]` with sorted keys, lists as `[1 2]`."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "map[" + " ".join(f"{k}:{print_value(value[k])}" for k in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(print_value, value)) + "]"
    return "<nil>" if value is None else _print_scalar(value)


def print_syntax(value: Any) -> str:
    """As %#v does: Go source for the value, text quoted."""
    if isinstance(value, str):
        return go_quote(value)
    if isinstance(value, dict):
        members = ", ".join(f"{go_quote(k)}:{_print_member(value[k])}" for k in sorted(value))
        return f"map[string]interface {{}}{{{members}}}"
    if isinstance(value, list):
        return "[]interface {}{" + ", ".join(map(_print_member, value)) + "}"
    return "<nil>" if value is None else _print_scalar(value)


def type_of(value: Any) -> str:
    """The Go type of a decoded JSON value, as %T does."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "map[string]interface {}"
    if isinstance(value, list):
        return "[]interface {}"
    if isinstance(value, int):
        return "int64"
    return "<nil>" if value is None else "float64"


def _print_member(value: Any) -> str:
    return "interface {}(nil)" if value is None else print_syntax(value)


def _print_scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return print_float(value) if isinstance(value, float) else str(value)


def print_float(value: float) -> str:
    """As %v does: the shortest digits, with an exponent below 1e-4 and from a million on.

    >>> print_float(1e6), print_float(2.50), print_float(3.0)
    ('1e+06', '2.5', '3')
    """
    sign, digit_tuple, exponent = Decimal(repr(value)).as_tuple()
    assert isinstance(exponent, int), "JSON has no NaN and no infinity"
    digits = "".join(map(str, digit_tuple))
    first = exponent + len(digits) - 1
    digits = digits.rstrip("0") or "0"
    if digits == "0":
        return "-0" if sign else "0"
    if not _MIN_PLAIN_EXPONENT <= first <= _MAX_PLAIN_EXPONENT:
        text = digits[0] + ("." + digits[1:] if len(digits) > 1 else "") + f"e{first:+03d}"
    elif first < 0:
        text = "0." + "0" * (-first - 1) + digits
    else:
        whole, rest = digits[: first + 1].ljust(first + 1, "0"), digits[first + 1 :]
        text = f"{whole}.{rest}" if rest else whole
    return "-" + text if sign else text
