"""The operators of the language with all their overloads (cel-go's common/stdlib).

Overload ids are part of the cost model and of the checker's results. The implementations here decide by the
values; the compiler replaces them where the checker knows the types.
Next: `conversions.py`, `../compile/operators.py`.
"""

from __future__ import annotations

from typing import Any

from kubern.cel.declarations import Function, Implementation, Overload
from kubern.cel.runtime import arithmetic, ordering
from kubern.cel.runtime.access import in_container, index_value
from kubern.cel.runtime.equality import equal
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
    map_of,
    type_param,
)

_A = type_param("A")
_B = type_param("B")
_LIST = list_of(_A)
_MAP = map_of(_A, _B)


def _unequal(left: Any, right: Any) -> bool:
    return not equal(left, right)


def _operator(name: str, impl: Implementation | None, *signatures: tuple[str, tuple[Type, ...], Type]) -> Function:
    return Function(name, *(Overload(oid, args, result, impl) for oid, args, result in signatures))


def _arithmetic(name: str, word: str, impl: Implementation, kinds: tuple[Type, ...]) -> Function:
    ids = {DOUBLE: f"{word}_double", INT: f"{word}_int64", UINT: f"{word}_uint64"}
    return _operator(name, impl, *((ids[kind], (kind, kind), kind) for kind in kinds))


def _comparison(name: str, word: str, impl: Implementation) -> Function:
    signatures: list[tuple[str, tuple[Type, Type], Type]] = []
    numbers = ((INT, "int64"), (UINT, "uint64"), (DOUBLE, "double"))
    signatures.append((f"{word}_bool", (BOOL, BOOL), BOOL))
    for left, left_name in numbers:
        signatures.append((f"{word}_{left_name}", (left, left), BOOL))
        for right, right_name in numbers:
            if right is not left:
                signatures.append((f"{word}_{left_name}_{right_name}", (left, right), BOOL))
    for kind, kind_name in (
        (STRING, "string"),
        (BYTES, "bytes"),
        (TIMESTAMP, "timestamp"),
        (DURATION, "duration"),
    ):
        signatures.append((f"{word}_{kind_name}", (kind, kind), BOOL))
    return _operator(name, impl, *signatures)


def operator_functions() -> tuple[Function, ...]:
    """The operators as functions with their internal names."""
    return (
        _operator("_?_:_", None, ("conditional", (BOOL, _A, _A), _A)),
        _operator("_&&_", None, ("logical_and", (BOOL, BOOL), BOOL)),
        _operator("_||_", None, ("logical_or", (BOOL, BOOL), BOOL)),
        _operator("!_", arithmetic.logical_not, ("logical_not", (BOOL,), BOOL)),
        _operator("@not_strictly_false", None, ("not_strictly_false", (BOOL,), BOOL)),
        _operator("_==_", equal, ("equals", (_A, _A), BOOL)),
        _operator("_!=_", _unequal, ("not_equals", (_A, _A), BOOL)),
        _addition(),
        _arithmetic("_/_", "divide", arithmetic.divide, (DOUBLE, INT, UINT)),
        _arithmetic("_%_", "modulo", arithmetic.modulo, (INT, UINT)),
        _arithmetic("_*_", "multiply", arithmetic.multiply, (DOUBLE, INT, UINT)),
        _operator(
            "-_",
            arithmetic.negate,
            ("negate_double", (DOUBLE,), DOUBLE),
            ("negate_int64", (INT,), INT),
        ),
        _subtraction(),
        _comparison("_<_", "less", ordering.less),
        _comparison("_<=_", "less_equals", ordering.less_equal),
        _comparison("_>_", "greater", ordering.greater),
        _comparison("_>=_", "greater_equals", ordering.greater_equal),
        _operator(
            "_[_]",
            index_value,
            ("index_list", (_LIST, INT), _A),
            ("index_map", (_MAP, _A), _B),
        ),
        _operator(
            "@in",
            in_container,
            ("in_list", (_A, _LIST), BOOL),
            ("in_map", (_A, _MAP), BOOL),
        ),
    )


def _addition() -> Function:
    return _operator(
        "_+_",
        arithmetic.add,
        ("add_bytes", (BYTES, BYTES), BYTES),
        ("add_double", (DOUBLE, DOUBLE), DOUBLE),
        ("add_duration_duration", (DURATION, DURATION), DURATION),
        ("add_duration_timestamp", (DURATION, TIMESTAMP), TIMESTAMP),
        ("add_timestamp_duration", (TIMESTAMP, DURATION), TIMESTAMP),
        ("add_int64", (INT, INT), INT),
        ("add_list", (_LIST, _LIST), _LIST),
        ("add_string", (STRING, STRING), STRING),
        ("add_uint64", (UINT, UINT), UINT),
    )


def _subtraction() -> Function:
    return _operator(
        "_-_",
        arithmetic.subtract,
        ("subtract_double", (DOUBLE, DOUBLE), DOUBLE),
        ("subtract_duration_duration", (DURATION, DURATION), DURATION),
        ("subtract_int64", (INT, INT), INT),
        ("subtract_timestamp_duration", (TIMESTAMP, DURATION), TIMESTAMP),
        ("subtract_timestamp_timestamp", (TIMESTAMP, TIMESTAMP), DURATION),
        ("subtract_uint64", (UINT, UINT), UINT),
    )
