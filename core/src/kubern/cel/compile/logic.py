"""Operators that need not evaluate all operands: &&, ||, ?: and the loop conditions of macros.

&& and || take an error for "unknown" and go on to the next operand, as the language demands.
Next: `access.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.cel.ast import Call, Node
from kubern.cel.compile.absorbing import decide
from kubern.cel.compile.frame import ABSORBED, Code, Frame, Run, charged, constant
from kubern.cel.errors import no_such_overload

if TYPE_CHECKING:
    from kubern.cel.compile.compiler import Compiler


def _terms(node: Node, function: str, into: list[Node]) -> list[Node]:
    """The operands of a chain of one operator, from left to right."""
    if isinstance(node, Call) and node.function == function:
        for arg in node.args:
            _terms(arg, function, into)
    else:
        into.append(node)
    return into


def _chain(compiler: Compiler, node: Call, decisive: bool) -> Code:
    codes: list[Code] = []
    for term in _terms(node, node.function, []):
        code = compiler.compile(term)
        if code.constant and code.value is (not decisive):
            continue
        codes.append(code)
        if code.constant and code.value is decisive:
            break
    if not codes:
        return constant(not decisive)
    if codes[0].constant and codes[0].value is decisive:
        return constant(decisive)
    if len(codes) == 1:
        codes.append(constant(not decisive))
    runs = [codes[0].run, *(charged(code) for code in codes[1:])]
    build = _pair if len(runs) == 2 else _many
    return Code(build(runs, decisive), codes[0].cost)


def _pair(runs: list[Run], decisive: bool) -> Run:
    first, second = runs
    neutral = not decisive

    def run(frame: Frame) -> Any:
        try:
            left = first(frame)
        except ABSORBED as error:
            if second(frame) is decisive:
                return decisive
            raise error from None
        if left is decisive:
            return decisive
        right = second(frame)
        if left is neutral and (right is neutral or right is decisive):
            return right
        if right is decisive:
            return decisive
        raise no_such_overload()

    return run


def _many(runs: list[Run], decisive: bool) -> Run:
    return lambda frame: decide(frame, runs, decisive)


def _and(compiler: Compiler, node: Call) -> Code:
    return _chain(compiler, node, decisive=False)


def _or(compiler: Compiler, node: Call) -> Code:
    return _chain(compiler, node, decisive=True)


def _conditional(compiler: Compiler, node: Call) -> Code:
    condition, when_true, when_false = (compiler.compile(arg) for arg in node.args)
    if condition.constant and type(condition.value) is bool:
        return when_true if condition.value else when_false
    test, then, otherwise = condition.run, charged(when_true), charged(when_false)

    def run(frame: Frame) -> Any:
        chosen = test(frame)
        if chosen is True:
            return then(frame)
        if chosen is False:
            return otherwise(frame)
        raise no_such_overload()

    return Code(run, condition.cost)


def _not_strictly_false(compiler: Compiler, node: Call) -> Code:
    code = compiler.compile(node.args[0])
    inner = code.run

    def run(frame: Frame) -> bool:
        try:
            return inner(frame) is not False
        except ABSORBED:
            return True

    return Code(run, code.cost + 1)


BUILDERS = {
    "_&&_": _and,
    "_||_": _or,
    "_?_:_": _conditional,
    "@not_strictly_false": _not_strictly_false,
}
