"""cel-go's list functions of version 3: slice(), flatten(), sort(), sortBy(), distinct(), reverse() and
lists.range() (ext/lists).

Next: `../cost/list_calls.py` estimates them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kubern.cel.ast import Bind, Call, Comprehension, Ident, ListExpr, Literal, Node
from kubern.cel.cost.sizes import LIST_CREATE, STRING_TRAVERSAL, actual_size
from kubern.cel.declarations import CallCost, Function, Library, member, overload
from kubern.cel.errors import CelError, CostLimitExceeded
from kubern.cel.library.lists import COMPARABLE
from kubern.cel.parser.macros import accumulator, append_step, variable_name
from kubern.cel.runtime.access import is_list
from kubern.cel.runtime.equality import contains
from kubern.cel.runtime.ordering import compare
from kubern.cel.runtime.values import type_of
from kubern.cel.types import DYN, INT, list_of, type_param

if TYPE_CHECKING:
    from kubern.cel.parser.parser import Parser

# Longer lists than the cost limit lets anybody walk over.
_MAX_ITEMS = 1_000_000
_INPUT = "@__sortBy_input__"


def _slice(items: Any, start: int, end: int) -> list[Any]:
    if start < 0 or end < 0:
        raise CelError(f"cannot slice({start}, {end}), negative indexes not supported")
    if start > end:
        raise CelError(f"cannot slice({start}, {end}), start index must be less than or equal to end index")
    if len(items) < end:
        raise CelError(f"cannot slice({start}, {end}), list is length {len(items)}")
    return list(items)[start:end]


def _flatten(items: Any) -> list[Any]:
    return _flatten_to(items, 1)


def _flatten_to(items: Any, depth: int) -> list[Any]:
    if depth < 0:
        raise CelError("level must be non-negative")
    flat: list[Any] = []
    _flatten_into(flat, items, depth)
    return flat


def _flatten_into(flat: list[Any], items: Iterable[Any], depth: int) -> None:
    for item in items:
        if depth and is_list(item):
            _flatten_into(flat, item, depth - 1)
        else:
            flat.append(item)
            if len(flat) > _MAX_ITEMS:
                raise CostLimitExceeded


def _sort(items: Any) -> Any:
    return _sort_by(items, items)


def _sort_by(items: Any, keys: Any) -> Any:
    if len(items) != len(keys):
        raise CelError(
            "@sortByAssociatedKeys() expected a list of the same size as the associated keys list, "
            f"but got {len(items)} and {len(keys)} elements respectively"
        )
    if not len(items):
        return items
    pairs: list[tuple[Any, Any]] = list(zip(keys, items, strict=True))
    of = type_of(pairs[0][0])
    if of.name not in {known.name for known in COMPARABLE}:
        raise CelError("list elements must be comparable")
    if any(type_of(key) is not of for key, _ in pairs):
        raise CelError("list elements must have the same type")
    pairs.sort(key=functools.cmp_to_key(_compare_keys))
    return [item for _, item in pairs]


def _compare_keys(left: tuple[Any, Any], right: tuple[Any, Any]) -> int:
    return compare("_<_", left[0], right[0])


def _range(count: int) -> list[int]:
    if count > _MAX_ITEMS:
        raise CostLimitExceeded
    return list(range(count))


def _reverse(items: Any) -> list[Any]:
    return list(items)[::-1]


def _distinct(items: Any) -> list[Any]:
    kinds = {type(item) for item in items}
    if kinds in ({str}, {int}):
        return list(dict.fromkeys(items))
    unique: list[Any] = []
    for item in items:
        if not contains(unique, item):
            unique.append(item)
    return unique


def _sort_by_macro(parser: Parser, pos: int, target: Node | None, args: list[Node]) -> Node | None:
    """Bind the list, map it to its keys, sort by them."""
    if target is None or isinstance(target, Literal):
        problem = "sortBy can only be applied to a list, identifier, comprehension, call or select expression"
        return parser.report(pos if target is None else target.pos, problem)
    name = variable_name(parser, args[0])
    if name is None:
        return args[0]
    fold = (
        ListExpr(pos, [], frozenset()),
        Literal(pos, True),
        append_step(pos, args[1], None),
        accumulator(pos),
    )
    keys = Comprehension(pos, "map", Ident(pos, _INPUT), (name, None), fold, (args[1], None))
    return Bind(pos, _INPUT, target, Call(pos, "@sortByAssociatedKeys", Ident(pos, _INPUT), [keys]))


def _allocation(factor: float, size: int) -> int:
    return int(size * factor) + 1 + LIST_CREATE


def _result_cost(_args: tuple[Any, ...], result: Any) -> int:
    return _allocation(1, len(result))


def _flatten_cost(args: tuple[Any, ...], _result: Any) -> int:
    return _allocation(float(args[1]) if len(args) == 2 else 1.0, actual_size(args[0]))


def _compare_cost(index: int) -> CallCost:
    """The worst case of comparing all items with each other."""

    def cost(args: tuple[Any, ...], _result: Any) -> int:
        items: Any = args[index]
        size = len(items)
        factor = 2.0
        if size and isinstance(items[0], (str, bytes)):
            factor += STRING_TRAVERSAL
        return _allocation(factor, size * size)

    return cost


def list_extensions_library() -> Library:
    """The list functions of cel-go, version 3."""
    of = list_of(type_param("T"))
    sorts = [member(f"list_{kind.name}_sort", (list_of(kind),), list_of(kind), _sort) for kind in COMPARABLE]
    sorts_by = [
        member(f"list_{kind.name}_sortByAssociatedKeys", (of, list_of(kind)), of, _sort_by) for kind in COMPARABLE
    ]
    return Library(
        name="lists",
        functions=(
            Function("slice", member("list_slice", (of, INT, INT), of, _slice)),
            Function(
                "flatten",
                member("list_flatten", (list_of(of),), of, _flatten),
                member("list_flatten_int", (list_of(DYN), INT), list_of(DYN), _flatten_to),
            ),
            Function("sort", *sorts),
            Function("@sortByAssociatedKeys", *sorts_by),
            Function("lists.range", overload("lists_range", (INT,), list_of(INT), _range)),
            Function("reverse", member("list_reverse", (of,), of, _reverse)),
            Function("distinct", member("list_distinct", (of,), of, _distinct)),
        ),
        macros={("sortBy", 2, True): _sort_by_macro},
        result_costs=dict.fromkeys(("list_slice", "lists_range", "list_reverse"), _result_cost),
        costs={
            "list_flatten": _flatten_cost,
            "list_flatten_int": _flatten_cost,
            "list_distinct": _compare_cost(0),
            **dict.fromkeys((found.id for found in sorts), _compare_cost(0)),
            **dict.fromkeys((found.id for found in sorts_by), _compare_cost(1)),
        },
    )
