"""Closures for selections, indices and presence tests.

Chains of selections such as object.spec.replicas become one closure. Next: `operators.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.cel.ast import Call, Literal, Node, Select
from kubern.cel.compile.frame import Code, Frame, Run
from kubern.cel.errors import no_such_key
from kubern.cel.runtime.access import (
    MISSING,
    has_field,
    index_value,
    optional_index,
    select_field,
)

if TYPE_CHECKING:
    from kubern.cel.compile.compiler import Compiler


def selection(compiler: Compiler, node: Select) -> Code:
    """operand.field, together with the selections below it."""
    names = [node.field]
    base: Node = node.operand
    while isinstance(base, Select) and not base.test_only and base.resolved is None:
        names.append(base.field)
        base = base.operand
    names.reverse()
    operand = compiler.compile(base)
    return Code(_walk(operand, tuple(names)), operand.cost + len(names))


def _walk(operand: Code, names: tuple[str, ...]) -> Run:
    if len(names) == 1:
        return _step_of_slot(operand.slot, names[0]) if operand.slot else _step(operand.run, names[0])
    slot, inner = operand.slot, operand.run

    def walk(frame: Frame) -> Any:
        value = frame[slot] if slot else inner(frame)
        for name in names:
            if type(value) is dict:
                value = value.get(name, MISSING)
                if value is MISSING:
                    raise no_such_key(name)
            else:
                value = select_field(value, name)
        return value

    return walk


def _step(inner: Run, name: str) -> Run:
    def step(frame: Frame) -> Any:
        value = inner(frame)
        if type(value) is dict and (found := value.get(name, MISSING)) is not MISSING:
            return found
        return select_field(value, name)

    return step


def _step_of_slot(slot: int, name: str) -> Run:
    def step(frame: Frame) -> Any:
        value = frame[slot]
        if type(value) is dict and (found := value.get(name, MISSING)) is not MISSING:
            return found
        return select_field(value, name)

    return step


def presence(compiler: Compiler, node: Select) -> Code:
    """has(operand.field)"""
    operand = compiler.compile(node.operand)
    inner, name = operand.run, node.field

    def present(frame: Frame) -> bool:
        value = inner(frame)
        if type(value) is dict:
            return name in value
        return has_field(value, name)

    # A presence test costs nothing itself (PresenceTestHasCost(false)).
    return Code(present, operand.cost)


def _index(compiler: Compiler, node: Call) -> Code:
    operand, key = compiler.compile(node.args[0]), compiler.compile(node.args[1])
    inner, read_key = operand.run, key.run
    cost = operand.cost + key.cost + 1
    if key.constant:
        fixed = key.value
        if type(fixed) is str:
            return Code(_string_index(inner, fixed), cost)
        return Code(lambda frame: index_value(inner(frame), fixed), cost)
    return Code(lambda frame: index_value(inner(frame), read_key(frame)), cost)


def _string_index(inner: Run, key: str) -> Run:
    def index(frame: Frame) -> Any:
        value = inner(frame)
        if type(value) is dict and (found := value.get(key, MISSING)) is not MISSING:
            return found
        return index_value(value, key)

    return index


def _optional_select(compiler: Compiler, node: Call) -> Code:
    operand = compiler.compile(node.args[0])
    field = node.args[1]
    name = field.value if isinstance(field, Literal) else ""
    inner = operand.run
    return Code(lambda frame: optional_index(inner(frame), name), operand.cost + 1)


def _optional_index(compiler: Compiler, node: Call) -> Code:
    operand, key = compiler.compile(node.args[0]), compiler.compile(node.args[1])
    inner, read_key = operand.run, key.run
    return Code(lambda frame: optional_index(inner(frame), read_key(frame)), operand.cost + key.cost + 1)


BUILDERS = {
    "_[_]": _index,
    "_?._": _optional_select,
    "_[?_]": _optional_index,
}

__all__ = ["BUILDERS", "presence", "select_field", "selection"]
