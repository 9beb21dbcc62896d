"""Closures for arithmetic, comparison, equality and membership, specialised where the types are known.

Where they are not, functions of `../runtime/arithmetic.py`, `../runtime/ordering.py` and `../runtime/equality.py` decide by value.
Next: `calls.py`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kubern.cel.ast import Call
from kubern.cel.compile.frame import Code, Frame, Run, charge, constant
from kubern.cel.cost.sizes import actual_size, traversal_cost
from kubern.cel.errors import CelError, CostLimitExceeded
from kubern.cel.runtime import arithmetic, ordering
from kubern.cel.runtime.access import in_container
from kubern.cel.runtime.equality import equal, equal_counting
from kubern.cel.runtime.values import INT_MAX, INT_MIN, map_key
from kubern.cel.types import Kind, Type

if TYPE_CHECKING:
    from kubern.cel.compile.compiler import Compiler

Binary = Callable[[Any, Any], Any]
# Values of these types compare with Python's own operators when both sides have the same one.
_ORDERED = frozenset({Kind.INT, Kind.UINT, Kind.BOOL})
_SCALARS = frozenset({Kind.INT, Kind.UINT, Kind.BOOL, Kind.DOUBLE, Kind.TIMESTAMP, Kind.DURATION})
_CONTAINERS = frozenset({list, dict})
_TEXTS = frozenset({Kind.STRING, Kind.BYTES})
# The longest text whose traversal costs 1.
_UNIT = 10


def _add_int(left: int, right: int) -> int:
    value = left + right
    if INT_MIN <= value <= INT_MAX:
        return value
    raise arithmetic.int_overflow()


def _subtract_int(left: int, right: int) -> int:
    value = left - right
    if INT_MIN <= value <= INT_MAX:
        return value
    raise arithmetic.int_overflow()


def _multiply_int(left: int, right: int) -> int:
    value = left * right
    if INT_MIN <= value <= INT_MAX:
        return value
    raise arithmetic.int_overflow()


_BY_OVERLOAD: dict[str, Binary] = {
    "add_int64": _add_int,
    "subtract_int64": _subtract_int,
    "multiply_int64": _multiply_int,
    "divide_int64": arithmetic.divide_int,
    "modulo_int64": arithmetic.modulo_int,
    "add_double": operator.add,
    "subtract_double": operator.sub,
    "multiply_double": operator.mul,
    "divide_double": arithmetic.divide_double,
}
_DYNAMIC: dict[str, Binary] = {
    "_+_": arithmetic.add,
    "_-_": arithmetic.subtract,
    "_*_": arithmetic.multiply,
    "_/_": arithmetic.divide,
    "_%_": arithmetic.modulo,
    "_<_": ordering.less,
    "_<=_": ordering.less_equal,
    "_>_": ordering.greater,
    "_>=_": ordering.greater_equal,
}
_NATIVE: dict[str, Binary] = {
    "_<_": operator.lt,
    "_<=_": operator.le,
    "_>_": operator.gt,
    "_>=_": operator.ge,
}


def _operands(compiler: Compiler, node: Call) -> tuple[Code, Code]:
    return compiler.compile(node.args[0]), compiler.compile(node.args[1])


def _apply(function: Binary, left: Code, right: Code) -> Run:
    """function(left, right), with a constant right side built in."""
    first, second = left.run, right.run
    if right.constant:
        fixed = right.value
        if left.slot:
            slot = left.slot
            return lambda frame: function(frame[slot], fixed)
        return lambda frame: function(first(frame), fixed)
    return lambda frame: function(first(frame), second(frame))


def _only_overload(node: Call) -> str:
    return node.overloads[0].id if len(node.overloads) == 1 else ""


def _has_dynamic(*types: Type) -> bool:
    return any(of.is_dyn for of in types)


def _arithmetic(compiler: Compiler, node: Call) -> Code:
    left, right = _operands(compiler, node)
    cost = left.cost + right.cost + 1
    kinds = {arg.type.kind for arg in node.args}
    if node.function == "_+_" and not kinds <= _SCALARS:
        return _sum(left, right, cost - 1)
    function = _DYNAMIC[node.function]
    if not _has_dynamic(*(arg.type for arg in node.args)):
        function = _BY_OVERLOAD.get(_only_overload(node), function)
    return Code(_apply(function, left, right), cost)


def _sum(left: Code, right: Code, cost: int) -> Code:
    """left + right where the sides may be text or lists: the cost depends on their length."""
    first, second = left.run, right.run

    def add(frame: Frame) -> Any:
        a, b = first(frame), second(frame)
        kind = type(a)
        if kind is int and type(b) is int:
            frame[0] += 1
            return _add_int(a, b)
        if kind is str or kind is bytes:
            charge(frame, traversal_cost(actual_size(a) + actual_size(b)))
        else:
            # Differs from kube-apiserver: lists are copied here, so long ones cost more than 1.
            charge(frame, 1 + (len(a) + actual_size(b) >> 5 if kind is list else 0))
        return arithmetic.add(a, b)

    return Code(add, cost)


def _comparison(compiler: Compiler, node: Call) -> Code:
    left, right = _operands(compiler, node)
    cost = left.cost + right.cost
    kinds = {arg.type.kind for arg in node.args}
    if kinds <= _ORDERED:
        return Code(_apply(_NATIVE[node.function], left, right), cost + 1)
    if kinds <= _SCALARS:
        return Code(_apply(_DYNAMIC[node.function], left, right), cost + 1)
    return Code(_sized(_DYNAMIC[node.function], _NATIVE[node.function], left, right), cost)


def _sized(function: Binary, native: Binary, left: Code, right: Code) -> Run:
    """A comparison that costs what it takes to walk over the shorter side."""
    first, second = left.run, right.run

    def run(frame: Frame) -> Any:
        a, b = first(frame), second(frame)
        if type(a) is int and type(b) is int:
            frame[0] += 1
            return native(a, b)
        charge(frame, traversal_cost(min(actual_size(a), actual_size(b))))
        return function(a, b)

    return run


def _equality(compiler: Compiler, node: Call) -> Code:
    left, right = _operands(compiler, node)
    cost = left.cost + right.cost
    kinds = {arg.type.kind for arg in node.args}
    wanted = node.function == "_==_"
    if len(kinds) == 1 and kinds <= _SCALARS:
        return Code(_apply(operator.eq if wanted else operator.ne, left, right), cost + 1)
    if len(kinds) == 1 and kinds <= _TEXTS:
        return Code(_text_equality(wanted, left, right), cost)
    return Code(_any_equality(wanted, left, right), cost)


def _any_equality(wanted: bool, left: Code, right: Code) -> Run:
    first, second = left.run, right.run

    def run(frame: Frame) -> bool:
        a, b = first(frame), second(frame)
        if type(a) is int and type(b) is int:
            frame[0] += 1
            return (a == b) is wanted
        if type(a) in _CONTAINERS:
            # Differs from kube-apiserver: what lies deeper than the first level is not quite free.
            work = [0]
            same = equal_counting(a, b, work)
            charge(frame, traversal_cost(min(len(a), actual_size(b))) + (work[0] >> 4))
        else:
            charge(frame, traversal_cost(min(actual_size(a), actual_size(b))))
            same = equal(a, b)
        return same is wanted

    return run


def _text_equality(wanted: bool, left: Code, right: Code) -> Run:
    first, second = left.run, right.run

    def run(frame: Frame) -> bool:
        a, b = first(frame), second(frame)
        if a and b and (len(a) <= _UNIT or len(b) <= _UNIT):
            cost = 1
        else:
            cost = traversal_cost(min(len(a), len(b)))
        total = frame[0] = frame[0] + cost
        if total > frame[1]:
            charge(frame, 0)
        return (a == b) is wanted

    return run


def _membership(compiler: Compiler, node: Call) -> Code:
    item, container = _operands(compiler, node)
    cost = item.cost + container.cost
    if container.constant and type(container.value) is list:
        members = _constant_members(container.value)
        if members is not None:
            run = item.run
            # Membership in a list of constants is a set lookup and free (OptOptimize of cel-go).
            return Code(lambda frame: _in_set(members, run(frame)), cost)
    first, second = item.run, container.run
    if node.args[1].type.kind is Kind.MAP:
        return Code(_apply(in_container, item, container), cost + 1)

    def run_list(frame: Frame) -> bool:
        wanted, members = first(frame), second(frame)
        if type(members) is dict:
            charge(frame, 1)
        else:
            charge(frame, actual_size(members))
        return in_container(wanted, members)

    return Code(run_list, cost)


_HASHABLE = frozenset({str, int, bool})


def _constant_members(values: list[Any]) -> frozenset[Any] | None:
    if not values or any(type(value) not in _HASHABLE for value in values):
        return None
    return frozenset(map(map_key, values))


def _in_set(members: frozenset[Any], value: Any) -> bool:
    try:
        return map_key(value) in members
    except TypeError:
        return False


def _unary(function: Callable[[Any], Any], native: dict[Kind, Callable[[Any], Any]]) -> Any:
    def build(compiler: Compiler, node: Call) -> Code:
        operand = compiler.compile(node.args[0])
        apply = native.get(node.args[0].type.kind, function)
        inner = operand.run
        if operand.constant:
            try:
                return constant(function(operand.value), operand.cost + 1)
            except (CelError, CostLimitExceeded):
                pass
        return Code(lambda frame: apply(inner(frame)), operand.cost + 1)

    return build


BUILDERS: dict[str, Callable[[Compiler, Call], Code]] = {
    **dict.fromkeys(("_+_", "_-_", "_*_", "_/_", "_%_"), _arithmetic),
    **dict.fromkeys(("_<_", "_<=_", "_>_", "_>=_"), _comparison),
    "_==_": _equality,
    "_!=_": _equality,
    "@in": _membership,
    "!_": _unary(arithmetic.logical_not, {}),
    "-_": _unary(arithmetic.negate, {Kind.DOUBLE: operator.neg}),
}
