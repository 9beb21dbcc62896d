"""Loops for macros: what the expansion folds step by step runs as one Python loop at the same cost.

`_LOOPS` names, for each macro, the cost that its fold adds per item besides the user's own expression.
Next: `../program.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from kubern.cel.ast import Comprehension
from kubern.cel.compile.absorbing import decide
from kubern.cel.compile.frame import Code, Frame, Run, charge, charged, checkpoint
from kubern.cel.cost.sizes import LIST_CREATE
from kubern.cel.errors import CelError, format_key, no_such_overload
from kubern.cel.runtime.access import iterate, iterate_pairs
from kubern.cel.runtime.values import map_key, type_of

if TYPE_CHECKING:
    from kubern.cel.compile.compiler import Compiler

Rounds = Callable[[Frame], Iterator[Any]]
# accu + [item]: the accumulator, the list literal, the concatenation.
_APPEND = 1 + LIST_CREATE + 1


class Loop:
    """A loop's parts: range, variables and the compiled operands of the macro."""

    __slots__ = ("body", "cost", "predicate", "slots", "source")

    def __init__(self, compiler: Compiler, node: Comprehension) -> None:
        ranged = compiler.compile(node.iter_range)
        self.source = ranged.run
        self.cost = ranged.cost
        names = [name for name in (node.iter_var, node.iter_var2) if name is not None]
        self.slots = [compiler.enter(name) for name in names]
        codes = [None if part is None else compiler.compile(part) for part in node.parts]
        for name in names:
            compiler.leave(name)
        self.body = codes[0]
        self.predicate = codes[1] if len(codes) > 1 else None

    def rounds(self, cost: int, term: Run | None = None) -> Rounds:
        """Goes through the range: charges for an item, binds it to the variables, yields it, or `term` if given."""
        return _singles(self, cost, term) if len(self.slots) == 1 else _pairs(self, cost, term)


def _singles(loop: Loop, cost: int, term: Run | None) -> Rounds:
    source, [slot] = loop.source, loop.slots

    def rounds(frame: Frame) -> Iterator[Any]:
        for item in iterate(source(frame)):
            total = frame[0] = frame[0] + cost
            if total > frame[1]:
                checkpoint(frame)
            frame[slot] = item
            yield term or item

    return rounds


def _pairs(loop: Loop, cost: int, term: Run | None) -> Rounds:
    source, [first, second] = loop.source, loop.slots

    def rounds(frame: Frame) -> Iterator[Any]:
        for pair in iterate_pairs(source(frame)):
            charge(frame, cost)
            frame[first], frame[second] = pair
            yield term or pair

    return rounds


def comprehension(compiler: Compiler, node: Comprehension) -> Code:
    """The loop of a macro."""
    loop = Loop(compiler, node)
    build, base = _LOOPS[node.macro]
    return Code(build(loop), loop.cost + base)


def _code(code: Code | None) -> Code:
    if code is None:
        raise AssertionError("every macro has a body")
    return code


def _quantifier(decisive: bool, per_item: int) -> Callable[[Loop], Run]:
    def build(loop: Loop) -> Run:
        body = _code(loop.body)
        terms = loop.rounds(per_item + body.cost, body.run)
        return lambda frame: decide(frame, terms(frame), decisive)

    return build


def _is_true(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise no_such_overload()


def _exists_one(loop: Loop) -> Run:
    body = _code(loop.body)
    rounds, test = loop.rounds(1 + body.cost), body.run

    def run(frame: Frame) -> bool:
        found = 0
        for _ in rounds(frame):
            if _is_true(test(frame)):
                frame[0] += 1
                found += 1
        return found == 1

    return run


def _collect(loop: Loop) -> Run:
    """map, filter and transformList: a list of the transformed items that the predicate lets through."""
    body, predicate = _code(loop.body), loop.predicate
    transform = body.run
    step_cost = _APPEND + body.cost
    if predicate is None:
        every = loop.rounds(step_cost)
        return lambda frame: [transform(frame) for _ in every(frame)]
    rounds, accept, taken = loop.rounds(1 + predicate.cost), predicate.run, step_cost - 1

    def run(frame: Frame) -> list[Any]:
        result: list[Any] = []
        for _ in rounds(frame):
            if _is_true(accept(frame)):
                frame[0] += taken
                result.append(transform(frame))
        return result

    return run


def _insert(result: dict[Any, Any], key: Any, value: Any) -> None:
    inner = map_key(key)
    if inner in result:
        raise CelError(f"insert failed: key {format_key(key)} already exists")
    result[inner] = value


def _insert_value(result: dict[Any, Any], item: Any, value: Any) -> None:
    _insert(result, item[0], value)


def _insert_entries(result: dict[Any, Any], item: Any, entries: Any) -> None:
    if type(entries) is not dict:
        raise CelError(f"no such overload: cel.@mapInsert(map, {type_of(entries)})")
    for key, value in entries.items():
        _insert(result, key, value)


def _map_builder(insert: Callable[[dict[Any, Any], Any, Any], None], per_item: int) -> Callable[[Loop], Run]:
    """transformMap and transformMapEntry: a map of what the items that the predicate lets through become."""

    def build(loop: Loop) -> Run:
        predicate, transform = loop.predicate, charged(_code(loop.body))
        rounds = loop.rounds(per_item + (0 if predicate is None else predicate.cost))
        accept = None if predicate is None else predicate.run

        def run(frame: Frame) -> dict[Any, Any]:
            result: dict[Any, Any] = {}
            for item in rounds(frame):
                if accept is None or _is_true(accept(frame)):
                    insert(result, item, transform(frame))
            return result

        return run

    return build


# The builder of each macro and what its fold costs once: the accumulator's last read and, for exists_one,
# the comparison of the count.
_LOOPS: dict[str, tuple[Callable[[Loop], Run], int]] = {
    # all: condition @not_strictly_false(accu) and the accumulator of accu && p.
    "all": (_quantifier(decisive=False, per_item=3), 1),
    # exists: condition @not_strictly_false(!accu) and the accumulator of accu || p.
    "exists": (_quantifier(decisive=True, per_item=4), 1),
    "exists_one": (_exists_one, 2),
    "map": (_collect, 1),
    "filter": (_collect, 1),
    "transformList": (_collect, 1),
    "transformMap": (_map_builder(_insert_value, per_item=4), 1),
    "transformMapEntry": (_map_builder(_insert_entries, per_item=3), 1),
}
