"""Arithmetic with the ranges of 64 bit integers, on values whose types only the evaluation knows.

The compiler has its own shortcuts for operands of known type; they share the range checks here.
Next: `../compile/operators.py`.
"""

from __future__ import annotations

import math
from typing import Any

from kubern.cel.errors import CelError, CostLimitExceeded, no_such_overload
from kubern.cel.runtime.times import add_durations, shift_timestamp, timestamp_difference
from kubern.cel.runtime.values import INT_MAX, INT_MIN, UINT_MAX, Duration, Timestamp, Uint

# Strings and lists longer than this cannot be walked within any cost limit.
MAX_LENGTH = 10_000_000


def int_overflow() -> CelError:
    """The result does not fit an int."""
    return CelError("integer overflow")


def checked_int(value: int) -> int:
    """The value, if an int can hold it."""
    if INT_MIN <= value <= INT_MAX:
        return value
    raise int_overflow()


def checked_uint(value: int) -> Uint:
    """The value as uint, if it fits."""
    if 0 <= value <= UINT_MAX:
        return Uint(value)
    raise CelError("unsigned integer overflow")


def _mismatch(function: str, left: Any, takers: frozenset[type]) -> CelError:
    """A left operand without the operator names the function; a right one of another type does not."""
    if type(left) in takers:
        return no_such_overload()
    return CelError(f"no such overload: {function}")


_NUMBERS: frozenset[type] = frozenset({int, Uint, float})
_INTEGERS: frozenset[type] = frozenset({int, Uint})
_ADDERS: frozenset[type] = frozenset({int, Uint, float, str, bytes, list, Duration, Timestamp})
_SUBTRACTORS: frozenset[type] = frozenset({int, Uint, float, Duration, Timestamp})


def add(left: Any, right: Any) -> Any:
    """left + right"""
    kind, other = type(left), type(right)
    if kind is other:
        if kind is int:
            return checked_int(left + right)
        if kind is float:
            return left + right
        if kind is str or kind is bytes or kind is list:
            return concatenate(left, right)
        if kind is Uint:
            return checked_uint(int(left) + int(right))
        if kind is Duration:
            return add_durations(left, right.nanos)
    if kind is Duration and other is Timestamp:
        return shift_timestamp(right, left.nanos)
    if kind is Timestamp and other is Duration:
        return shift_timestamp(left, right.nanos)
    joined = getattr(left, "concatenated", None)
    if joined is not None:
        return joined(right)
    if kind is list and hasattr(right, "concatenated"):
        return concatenate(left, list(right))
    raise _mismatch("_+_", left, _ADDERS)


def concatenate(left: Any, right: Any) -> Any:
    """left + right of two strings, bytes or lists; absurd lengths count as over the cost limit."""
    if len(left) + len(right) > MAX_LENGTH:
        raise CostLimitExceeded
    return left + right


def subtract(left: Any, right: Any) -> Any:
    """left - right"""
    kind, other = type(left), type(right)
    if kind is other:
        if kind is int:
            return checked_int(left - right)
        if kind is float:
            return left - right
        if kind is Uint:
            return checked_uint(int(left) - int(right))
        if kind is Duration:
            return add_durations(left, -right.nanos)
        if kind is Timestamp:
            return timestamp_difference(left, right)
    if kind is Timestamp and other is Duration:
        return shift_timestamp(left, -right.nanos)
    raise _mismatch("_-_", left, _SUBTRACTORS)


def multiply(left: Any, right: Any) -> Any:
    """left * right"""
    kind = type(left)
    if kind is type(right):
        if kind is int:
            return checked_int(left * right)
        if kind is float:
            return left * right
        if kind is Uint:
            return checked_uint(int(left) * int(right))
    raise _mismatch("_*_", left, _NUMBERS)


def divide(left: Any, right: Any) -> Any:
    """left / right, towards zero for integers"""
    kind = type(left)
    if kind is type(right):
        if kind is int:
            return divide_int(left, right)
        if kind is float:
            return divide_double(left, right)
        if kind is Uint:
            if right == 0:
                raise CelError("division by zero")
            return Uint(int(left) // int(right))
    raise _mismatch("_/_", left, _NUMBERS)


def divide_int(left: int, right: int) -> int:
    """The quotient rounded towards zero."""
    if right == 0:
        raise CelError("division by zero")
    quotient = abs(left) // abs(right)
    return checked_int(quotient if (left < 0) == (right < 0) else -quotient)


def divide_double(left: float, right: float) -> float:
    """The quotient of IEEE 754, where dividing by zero gives an infinity or no number."""
    if right != 0.0:
        return left / right
    if left == 0.0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def modulo(left: Any, right: Any) -> Any:
    """left % right, with the sign of the left operand"""
    kind = type(left)
    if kind is type(right):
        if kind is int:
            return modulo_int(left, right)
        if kind is Uint:
            if right == 0:
                raise CelError("modulus by zero")
            return Uint(int(left) % int(right))
    raise _mismatch("_%_", left, _INTEGERS)


def modulo_int(left: int, right: int) -> int:
    """The remainder with the sign of the dividend."""
    if right == 0:
        raise CelError("modulus by zero")
    if left == INT_MIN and right == -1:
        raise int_overflow()
    remainder = abs(left) % abs(right)
    return -remainder if left < 0 else remainder


def negate(value: Any) -> Any:
    """-value"""
    kind = type(value)
    if kind is int:
        return checked_int(-value)
    if kind is float:
        return -value
    if kind is Duration:
        return add_durations(Duration(0), -value.nanos)
    if kind is bool:
        raise no_such_overload()
    raise CelError("no such overload: -_")


def logical_not(value: Any) -> bool:
    """!value"""
    if value is True:
        return False
    if value is False:
        return True
    raise no_such_overload()
