"""List functions: Kubernetes' isSorted(), sum(), min(), max(), indexOf(), lastIndexOf()
(apiserver's cel/library/lists.go).

Next: `list_extensions.py` for those of cel-go.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any

from kubern.cel.cost.sizes import STRING_TRAVERSAL
from kubern.cel.declarations import Function, Library, member
from kubern.cel.errors import CelError
from kubern.cel.runtime.access import iterate
from kubern.cel.runtime.arithmetic import add
from kubern.cel.runtime.equality import equal
from kubern.cel.runtime.ordering import compare
from kubern.cel.runtime.values import INT_MAX, Duration, Uint
from kubern.cel.runtime.views import ListView, MapView, ObjectView
from kubern.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    INT,
    STRING,
    TIMESTAMP,
    UINT,
    Type,
    list_of,
    type_param,
)

COMPARABLE = (INT, UINT, DOUBLE, BOOL, DURATION, TIMESTAMP, STRING, BYTES)
_ZEROS: tuple[tuple[Type, Any], ...] = ((INT, 0), (UINT, Uint(0)), (DOUBLE, 0.0), (DURATION, Duration(0)))

# Types whose values cost 1 to look at.
_UNITS = frozenset({int, Uint, float, bool, type(None)})
_PLAIN = frozenset({int, str, bytes, bool})


def _is_plain(items: Any) -> bool:
    """Whether Python orders the items as CEL does."""
    kinds = set(map(type, items)) if type(items) is list else ()
    return len(kinds) == 1 and _PLAIN.issuperset(kinds)


def _is_sorted(items: Any) -> bool:
    if _is_plain(items):
        return all(map(operator.le, items, itertools.islice(items, 1, None)))
    previous: Any = None
    for index, item in enumerate(items):
        if index and compare("_<_", previous, item) > 0:
            return False
        previous = item
    return True


def _is_small(items: Any) -> bool:
    """Whether no partial sum can overflow."""
    return bool(max(max(items), -min(items)) * len(items) <= INT_MAX)


def _sum_from(zero: Any) -> Callable[[Any], Any]:
    def total(items: Any) -> Any:
        if type(items) is list and set(map(type, items)) == {int} and _is_small(items):
            return sum(items)
        result = zero
        for item in items:
            result = add(result, item)
        return result

    return total


def _extreme(name: str, sign: int) -> Callable[[Any], Any]:
    fast = max if sign > 0 else min

    def extreme(items: Any) -> Any:
        if _is_plain(items):
            return fast(items)
        best: Any = None
        for index, item in enumerate(items):
            if index == 0 or compare("_<_", item, best) == sign:
                best = item
        if not len(items):
            raise CelError(f"{name} called on empty list")
        return best

    return extreme


def _index_of(items: Any, wanted: Any) -> int:
    for index, item in enumerate(items):
        if equal(item, wanted):
            return index
    return -1


def _last_index_of(items: Any, wanted: Any) -> int:
    found = -1
    for index, item in enumerate(items):
        if equal(item, wanted):
            found = index
    return found


def walk_cost(value: Any) -> int:
    """The cost of walking over a value as a tree (traversalCost)."""
    if isinstance(value, str):
        return int(len(value.encode()) * STRING_TRAVERSAL)
    if isinstance(value, bytes):
        return int(len(value) * STRING_TRAVERSAL)
    if isinstance(value, (list, ListView)):
        if type(value) is list and _UNITS.issuperset(map(type, value)):
            return len(value)
        return sum(map(walk_cost, value))
    if isinstance(value, (dict, MapView, ObjectView)):
        raw = value if isinstance(value, dict) else value.raw
        return sum(walk_cost(key) + walk_cost(raw[key]) for key in iterate(raw))
    return 1


def _cost(args: tuple[Any, ...], _result: Any) -> int:
    return walk_cost(args[0])


def lists_library() -> Library:
    """Sums, extremes, order and positions of lists."""
    element = type_param("T")
    functions = (
        Function(
            "isSorted",
            *(member(f"list_{of.name}_is_sorted_bool", (list_of(of),), BOOL, _is_sorted) for of in COMPARABLE),
        ),
        Function(
            "sum",
            *(member(f"list_{of.name}_sum_{of.name}", (list_of(of),), of, _sum_from(zero)) for of, zero in _ZEROS),
        ),
        *(
            Function(
                name,
                *(
                    member(f"list_{of.name}_{name}_{of.name}", (list_of(of),), of, _extreme(name, sign))
                    for of in COMPARABLE
                ),
            )
            for name, sign in (("max", 1), ("min", -1))
        ),
        Function("indexOf", member("list_a_index_of_int", (list_of(element), element), INT, _index_of)),
        Function("lastIndexOf", member("list_a_last_index_of_int", (list_of(element), element), INT, _last_index_of)),
    )
    ids = [found.id for function in functions for found in function.overloads]
    return Library(name="kubernetes.lists", functions=functions, costs=dict.fromkeys(ids, _cost))
