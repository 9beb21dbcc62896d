"""Prices of the list and set extensions (cel-go's ext/lists version 3 and ext/sets).

Next: `kubernetes_calls.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kubern.cel.ast import Literal
from kubern.cel.cost.estimate import MAX, ONE, UNKNOWN, CallEstimate, Range, fixed
from kubern.cel.cost.sizes import LIST_CREATE, STRING_TRAVERSAL

if TYPE_CHECKING:
    from kubern.cel.cost.estimator import Estimator, SizedNode

_Sizes = Callable[["SizedNode"], Range]
COMPARABLE = (
    "int",
    "uint",
    "double",
    "bool",
    "google.protobuf.Duration",
    "google.protobuf.Timestamp",
    "string",
    "bytes",
)


def extension_estimate(
    estimator: Estimator, overload: str, target: SizedNode | None, args: list[SizedNode]
) -> CallEstimate | None:
    """The price of a list or set function, None for all others."""
    factor = _SETS.get(overload)
    if factor is not None and len(args) == 2:
        product = _size(estimator, args[0]) * _size(estimator, args[1])
        return CallEstimate(product.by_factor(factor) + ONE)
    if overload == "lists_range" and len(args) == 1:
        return _allocating(1, fixed(_int_value(args[0], MAX)))
    if target is None:
        return None
    price = _LISTS.get(overload)
    if price is not None:
        return price(_size(estimator, target), args)
    if overload.endswith("_sort") and overload in _SORTS:
        return _sorting(_size(estimator, target), _SORTS[overload])
    if overload in _SORTS and args:
        return _sorting(_size(estimator, args[0]), _SORTS[overload])
    return None


def _size(estimator: Estimator, node: SizedNode) -> Range:
    if node.size is not None:
        return node.size
    known = estimator.sizes.estimate_size(node) if estimator.sizes is not None else None
    return known or UNKNOWN


def _int_value(node: SizedNode, default: int) -> int:
    literal = node.node
    if not isinstance(literal, Literal) or type(literal.value) is not int:
        return default
    return max(literal.value, 0)


def _allocating(factor: float, size: Range) -> CallEstimate:
    return CallEstimate(size.by_factor(factor) + ONE + fixed(LIST_CREATE), size)


def _sorting(size: Range, factor: float) -> CallEstimate:
    return _allocating(factor, size * size)


def _slice(size: Range, args: list[SizedNode]) -> CallEstimate | None:
    if len(args) != 2:
        return None
    # The difference wraps around like Go's.
    count = (_int_value(args[1], size.high) - _int_value(args[0], 0)) % (MAX + 1)
    return _allocating(1, fixed(count))


def _flatten(size: Range, args: list[SizedNode]) -> CallEstimate | None:
    depth = _int_value(args[0], MAX) if args else 1
    return _allocating(float(depth), size)


_SETS = {"list_sets_contains_list": 1.0, "list_sets_intersects_list": 1.0, "list_sets_equivalent_list": 2.0}
_LISTS: dict[str, Callable[[Range, list[SizedNode]], CallEstimate | None]] = {
    "list_slice": _slice,
    "list_flatten": _flatten,
    "list_flatten_int": _flatten,
    "list_reverse": lambda size, _args: _allocating(1, size),
    "list_distinct": lambda size, _args: _allocating(2, size * size),
}
_SORTS = {
    f"list_{kind}_{name}": 2.0 + (STRING_TRAVERSAL if kind in ("string", "bytes") else 0.0)
    for kind in COMPARABLE
    for name in ("sort", "sortByAssociatedKeys")
}
