"""Closures for list, map and message literals.

Next: `comprehensions.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.cel.ast import ListExpr, MapExpr, StructExpr
from kubern.cel.compile.frame import Code, Frame, Run, constant
from kubern.cel.cost.sizes import LIST_CREATE, MAP_CREATE, STRUCT_CREATE
from kubern.cel.errors import CelError, format_key, no_such_overload
from kubern.cel.runtime.structs import StructValue
from kubern.cel.runtime.values import OptionalValue, Uint, map_key, type_of
from kubern.cel.types import ERROR

if TYPE_CHECKING:
    from kubern.cel.compile.compiler import Compiler

_KEY_TYPES = frozenset({str, int, Uint, bool})


def list_literal(compiler: Compiler, node: ListExpr) -> Code:
    """[a, b, ?c]"""
    codes = [compiler.compile(element) for element in node.elements]
    if not node.optionals and all(code.constant for code in codes):
        # Constant lists are built once and cost nothing (OptOptimize of cel-go).
        return constant([code.value for code in codes], sum(code.cost for code in codes))
    cost = LIST_CREATE + sum(code.cost for code in codes)
    if not node.optionals:
        runs = tuple(code.run for code in codes)
        return Code(lambda frame: [run(frame) for run in runs], cost)
    marked = tuple((code.run, index in node.optionals) for index, code in enumerate(codes))
    return Code(_list_with_optionals(marked), cost)


def _list_with_optionals(marked: tuple[tuple[Run, bool], ...]) -> Run:
    def build(frame: Frame) -> list[Any]:
        items: list[Any] = []
        for run, optional in marked:
            value = run(frame)
            if not optional:
                items.append(value)
            elif (inner := _unwrap(value)).present:
                items.append(inner.value)
        return items

    return build


def _unwrap(value: Any) -> OptionalValue:
    if type(value) is not OptionalValue:
        raise no_such_overload()
    return value


def _checked_key(key: Any) -> Any:
    if type(key) not in _KEY_TYPES:
        raise CelError(f"unsupported key type: {type_of(key)}")
    return map_key(key)


def map_literal(compiler: Compiler, node: MapExpr) -> Code:
    """{k: v, ?k: v}"""
    entries: list[tuple[Run, Run, bool]] = []
    cost, fixed = 0, True
    for entry in node.entries:
        key, value = compiler.compile(entry.key), compiler.compile(entry.value)
        fixed = fixed and key.constant and value.constant and not entry.optional
        cost += key.cost + value.cost
        entries.append((key.run, value.run, entry.optional))
    build = _map_builder(tuple(entries))
    if fixed:
        try:
            return constant(build([]), cost)
        except CelError:
            pass
    return Code(build, cost + MAP_CREATE)


def _map_builder(entries: tuple[tuple[Run, Run, bool], ...]) -> Run:
    def build(frame: Frame) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for run_key, run_value, optional in entries:
            key = _checked_key(run_key(frame))
            value = run_value(frame)
            if optional:
                inner = _unwrap(value)
                if not inner.present:
                    continue
                value = inner.value
            if key in result:
                raise CelError(f"Failed with repeated key: {format_key(key)}")
            result[key] = value
        return result

    return build


def struct_literal(compiler: Compiler, node: StructExpr) -> Code:
    """Name{field: value}"""
    struct = node.struct or compiler.env.named_type(node.name) or ERROR
    entries: list[tuple[str, Run, bool]] = []
    cost = STRUCT_CREATE
    for entry in node.fields:
        code = compiler.compile(entry.value)
        cost += code.cost
        entries.append((entry.name, code.run, entry.optional))

    def build(frame: Frame) -> StructValue:
        fields: dict[str, Any] = {}
        for name, run, optional in entries:
            value = run(frame)
            if optional:
                inner = _unwrap(value)
                if not inner.present:
                    continue
                value = inner.value
            fields[name] = value
        return StructValue(struct, fields)

    return Code(build, cost)
