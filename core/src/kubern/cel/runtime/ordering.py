"""Order of values: numbers across their types, text, bytes, booleans, times (traits.Comparer of cel-go).

Next: `../compile/operators.py` uses it where the checker does not know the types.
"""

from __future__ import annotations

from typing import Any

from kubern.cel.errors import CelError, no_such_overload
from kubern.cel.runtime.equality import comparable
from kubern.cel.runtime.values import Duration, Timestamp, Uint

_NUMBERS = frozenset({int, Uint, float})
_PLAIN = frozenset({str, bytes, bool})


def compare(function: str, left: Any, right: Any) -> int:
    """-1, 0 or 1.

    Raises:
        CelError: the values have no order, as NaN has none.
    """
    kind, other = type(left), type(right)
    if kind in _NUMBERS:
        if other not in _NUMBERS:
            raise no_such_overload()
        return _compare_numbers(left, right)
    if kind in _PLAIN:
        if other is not kind:
            raise no_such_overload()
        return int(left > right) - int(left < right)
    if kind is Duration or kind is Timestamp:
        if other is not kind:
            raise no_such_overload()
        return int(left.nanos > right.nanos) - int(left.nanos < right.nanos)
    raise CelError(f"no such overload: {function}")


def _compare_numbers(left: Any, right: Any) -> int:
    if left != left or right != right:
        raise CelError("NaN values cannot be ordered")
    left, right = comparable(left, right)
    return int(left > right) - int(left < right)


def less(left: Any, right: Any) -> bool:
    """left < right"""
    return compare("_<_", left, right) < 0


def less_equal(left: Any, right: Any) -> bool:
    """left <= right"""
    return compare("_<=_", left, right) <= 0


def greater(left: Any, right: Any) -> bool:
    """left > right"""
    return compare("_>_", left, right) > 0


def greater_equal(left: Any, right: Any) -> bool:
    """left >= right"""
    return compare("_>=_", left, right) >= 0
