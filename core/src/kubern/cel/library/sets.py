"""sets.contains(), sets.equivalent() and sets.intersects() (cel-go's ext/sets).

Next: `lists.py`.
"""

from __future__ import annotations

from typing import Any

from kubern.cel.cost.sizes import actual_size
from kubern.cel.declarations import CallCost, Function, Library, overload
from kubern.cel.runtime.equality import contains
from kubern.cel.types import BOOL, list_of, type_param


def _contains(items: Any, wanted: Any) -> bool:
    known = _text_set(items)
    if known is not None and all(type(item) is str for item in wanted):
        return known.issuperset(wanted)
    return all(contains(items, item) for item in wanted)


def _equivalent(left: Any, right: Any) -> bool:
    return _contains(left, right) and _contains(right, left)


def _intersects(left: Any, right: Any) -> bool:
    return any(contains(left, item) for item in right)


def _text_set(items: Any) -> set[str] | None:
    return set(items) if all(type(item) is str for item in items) else None


def _cost(factor: int) -> CallCost:
    def cost(args: tuple[Any, ...], _result: Any) -> int:
        return 1 + actual_size(args[0]) * actual_size(args[1]) * factor

    return cost


def sets_library() -> Library:
    """Lists taken as sets."""
    of = list_of(type_param("T"))
    two = (of, of)
    return Library(
        name="sets",
        functions=(
            Function("sets.contains", overload("list_sets_contains_list", two, BOOL, _contains)),
            Function("sets.equivalent", overload("list_sets_equivalent_list", two, BOOL, _equivalent)),
            Function("sets.intersects", overload("list_sets_intersects_list", two, BOOL, _intersects)),
        ),
        costs={
            "list_sets_contains_list": _cost(1),
            "list_sets_intersects_list": _cost(1),
            "list_sets_equivalent_list": _cost(2),
        },
    )
