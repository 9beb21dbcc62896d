"""Loops for macros: what the expansion folds step by step runs as one Python loop at the same cost.

`_LOOPS` names, for each macro, the cost that its fold adds per item besides the user's own expression.
Next: `../program.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kubern.cel.access import iterate, iterate_pairs
from kubern.cel.ast import Comprehension
from kubern.cel.compile.frame import ABSORBED, Code, Frame, Run, charged, checkpoint
from kubern.cel.cost.sizes import LIST_CREATE
from kubern.cel.errors import CelError, format_key, no_such_overload
from kubern.cel.values import map_key, type_of

if TYPE_CHECKING:
    from kubern.cel.compile.compiler import Compiler

# Sets the loop variables for one item.
Bind = Callable[[Frame, Any], None]
Items = Callable[[Any], Any]
# accu + [item]: the accumulator, the list literal, the concatenation.
_APPEND = 1 + LIST_CREATE + 1


class Loop:
    """A loop's parts: range, variables and the compiled operands of the macro."""

    __slots__ = ("bind", "body", "cost", "items", "predicate", "source")

    def __init__(self, compiler: Compiler, node: Comprehension) -> None:
        ranged = compiler.compile(node.iter_range)
        self.source = ranged.run
        self.cost = ranged.cost
        first = compiler.enter(node.iter_var)
        if node.iter_var2 is None:
            self.items: Items = iterate
            self.bind = _single(first)
        else:
            self.items = iterate_pairs
            self.bind = _pairs(first, compiler.enter(node.iter_var2))
        codes = [None if part is None else compiler.compile(part) for part in node.parts]
        compiler.leave(node.iter_var)
        if node.iter_var2 is not None:
            compiler.leave(node.iter_var2)
        self.body = codes[0]
        self.predicate = codes[1] if len(codes) > 1 else None


def _single(slot: int) -> Bind:
    def bind(frame: Frame, item: Any) -> None:
        frame[slot] = item

    return bind


def _pairs(first: int, second: int) -> Bind:
    def bind(frame: Frame, item: Any) -> None:
        frame[first], frame[second] = item

    return bind


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
    neutral = not decisive

    def build(loop: Loop) -> Run:
        body = _code(loop.body)
        source, items, bind, test = loop.source, loop.items, loop.bind, body.run
        cost = per_item + body.cost

        def run(frame: Frame) -> Any:
            failure: Exception | None = None
            for item in items(source(frame)):
                total = frame[0] = frame[0] + cost
                if total > frame[1]:
                    checkpoint(frame)
                bind(frame, item)
                try:
                    value = test(frame)
                except ABSORBED as error:
                    failure = failure or error
                    continue
                if value is decisive:
                    return decisive
                if value is not neutral:
                    failure = failure or no_such_overload()
            if failure is not None:
                raise failure
            return neutral

        return run

    return build


def _exists_one(loop: Loop) -> Run:
    body = _code(loop.body)
    source, items, bind, test = loop.source, loop.items, loop.bind, body.run
    cost = 1 + body.cost

    def run(frame: Frame) -> bool:
        found = 0
        for item in items(source(frame)):
            total = frame[0] = frame[0] + cost
            if total > frame[1]:
                checkpoint(frame)
            bind(frame, item)
            value = test(frame)
            if value is True:
                frame[0] += 1
                found += 1
            elif value is not False:
                raise no_such_overload()
        return found == 1

    return run


def _accept(code: Code | None) -> Run | None:
    return None if code is None else code.run


def _collect(loop: Loop) -> Run:
    """map, filter and transformList: a list of the transformed items that the predicate lets through."""
    body = _code(loop.body)
    source, items, bind, accept = loop.source, loop.items, loop.bind, _accept(loop.predicate)
    step_cost = _APPEND + body.cost
    transform = body.run
    cost = step_cost if loop.predicate is None else 1 + loop.predicate.cost
    taken = step_cost - 1

    def run(frame: Frame) -> list[Any]:
        result: list[Any] = []
        for item in items(source(frame)):
            total = frame[0] = frame[0] + cost
            if total > frame[1]:
                checkpoint(frame)
            bind(frame, item)
            if accept is not None:
                chosen = accept(frame)
                if chosen is False:
                    continue
                if chosen is not True:
                    raise no_such_overload()
                frame[0] += taken
            result.append(transform(frame))
        return result

    return run


def _accepts(accept: Run | None, frame: Frame) -> bool:
    if accept is None:
        return True
    chosen = accept(frame)
    if chosen is True or chosen is False:
        return bool(chosen)
    raise no_such_overload()


def _insert(result: dict[Any, Any], key: Any, value: Any) -> None:
    inner = map_key(key)
    if inner in result:
        raise CelError(f"insert failed: key {format_key(key)} already exists")
    result[inner] = value


def _transform_map(loop: Loop) -> Run:
    body = _code(loop.body)
    source, bind, accept, transform = loop.source, loop.bind, _accept(loop.predicate), charged(body)
    cost = 4 + (0 if loop.predicate is None else loop.predicate.cost)

    def run(frame: Frame) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for item in iterate_pairs(source(frame)):
            total = frame[0] = frame[0] + cost
            if total > frame[1]:
                checkpoint(frame)
            bind(frame, item)
            if _accepts(accept, frame):
                _insert(result, item[0], transform(frame))
        return result

    return run


def _transform_entries(loop: Loop) -> Run:
    body = _code(loop.body)
    source, bind, accept, transform = loop.source, loop.bind, _accept(loop.predicate), charged(body)
    cost = 3 + (0 if loop.predicate is None else loop.predicate.cost)

    def run(frame: Frame) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for item in iterate_pairs(source(frame)):
            total = frame[0] = frame[0] + cost
            if total > frame[1]:
                checkpoint(frame)
            bind(frame, item)
            if not _accepts(accept, frame):
                continue
            entries = transform(frame)
            if type(entries) is not dict:
                raise CelError(f"no such overload: cel.@mapInsert(map, {type_of(entries)})")
            for key, value in entries.items():
                _insert(result, key, value)
        return result

    return run


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
    "transformMap": (_transform_map, 1),
    "transformMapEntry": (_transform_entries, 1),
}
