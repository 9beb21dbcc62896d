"""Equality of values: heterogeneous, numbers by value across their types (cel-go's types.Equal).

Next: `ordering.py`; views bring their own rules in `views.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from kubern.cel.runtime.values import Duration, OptionalValue, Timestamp, Uint, Value
from kubern.cel.types import StructType, Type

_NUMBERS = frozenset({int, Uint, float})
# The integers of a type as doubles.
_RANGES = {int: (-(2.0**63), 2.0**63), Uint: (0.0, 2.0**64)}
_SAME = frozenset({int, Uint, float, str, bool, bytes, type(None), Duration, Timestamp})


def equal(left: Any, right: Any) -> bool:
    """Whether two values are equal."""
    kind, other = type(left), type(right)
    if kind is other:
        if kind in _SAME:
            return bool(left == right)
        if kind is list:
            return equal_lists(left, right)
        if kind is dict:
            return equal_maps(left, right)
    elif kind in _NUMBERS:
        return other in _NUMBERS and _equal_numbers(left, right)
    elif kind in _SAME:
        return False
    return _equal_special(left, right)


def comparable(left: Any, right: Any) -> tuple[Any, Any]:
    """Two numbers as they are compared: an integer beside a double becomes a double if it may.

    That loses digits of large integers, as it does in cel-go.
    """
    if type(left) is float and type(right) is not float:
        low, high = _RANGES[type(right)]
        if low <= left <= high:
            return left, float(right)
    elif type(right) is float and type(left) is not float:
        low, high = _RANGES[type(left)]
        if low <= right <= high:
            return float(left), right
    return left, right


def _equal_numbers(left: Any, right: Any) -> bool:
    left, right = comparable(left, right)
    return bool(left == right)


def _equal_special(left: Any, right: Any) -> bool:
    if isinstance(left, OptionalValue):
        if not isinstance(right, OptionalValue) or left.present is not right.present:
            return False
        return not left.present or equal(left.value, right.value)
    if isinstance(left, Value):
        return left.equals(right)
    if isinstance(right, Value):
        return right.equals(left)
    if isinstance(left, (Type, StructType)):
        return isinstance(right, Type) and left.name == right.name
    return False


def equal_lists(left: list[Any], right: list[Any]) -> bool:
    """Equality of lists, item by item."""
    if len(left) != len(right):
        return False
    return all(map(equal, left, right))


def equal_maps(left: dict[Any, Any], right: dict[Any, Any]) -> bool:
    """Equality of maps with plain dict keys."""
    if len(left) != len(right):
        return False
    return all(key in right and equal(value, right[key]) for key, value in left.items())


def equal_counting(left: Any, right: Any, work: list[int]) -> bool:
    """As `equal`, adding the number of compared entries of plain containers to `work`."""
    kind = type(left)
    if left is right and (kind is list or kind is dict):
        # Only a list with NaN in it differs from itself.
        return True
    if kind is not type(right):
        return equal(left, right)
    if kind is list:
        if len(left) != len(right):
            return False
        work[0] += len(left)
        return all(equal_counting(a, b, work) for a, b in zip(left, right, strict=True))
    if kind is dict:
        if len(left) != len(right):
            return False
        work[0] += len(left)
        return all(key in right and equal_counting(value, right[key], work) for key, value in left.items())
    return equal(left, right)


def contains(items: Iterable[Any], wanted: Any) -> bool:
    """Whether a list has an item equal to the wanted one."""
    kind = type(wanted)
    if kind is str:
        return any(item == wanted for item in items)
    compare: Callable[[Any, Any], bool] = equal
    return any(compare(wanted, item) for item in items)
