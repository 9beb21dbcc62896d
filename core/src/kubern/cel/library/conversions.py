"""Conversions between types: int(), uint(), double(), string(), bytes(), bool(), timestamp(), duration(),
type(), dyn() and size() (cel-go's common/stdlib and common/types).

Next: `base.py` puts them into the base library.
"""

from __future__ import annotations

import re
from typing import Any

from kubern.cel.declarations import Function, Implementation, Overload
from kubern.cel.errors import CelError
from kubern.cel.runtime.numbers import parse_double
from kubern.cel.runtime.times import (
    checked_timestamp,
    format_duration,
    format_timestamp,
    parse_duration,
    parse_timestamp,
)
from kubern.cel.runtime.values import INT_MAX, INT_MIN, NANOS, UINT_MAX, Duration, Timestamp, Uint, type_of
from kubern.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    STRING,
    TIMESTAMP,
    UINT,
    Type,
    list_of,
    map_of,
    type_of_type,
    type_param,
)
from kubern.util.gofloat import format_value

_DECIMAL = re.compile(r"[+-]?[0-9]{1,40}", re.ASCII)
_UNSIGNED = re.compile(r"[0-9]{1,40}", re.ASCII)
_BOOLS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}


def conversion_error(source: Type, target: Type) -> CelError:
    """The value has no counterpart in the other type."""
    return CelError(f"type conversion error from '{source}' to '{target}'")


def _identity(value: Any) -> Any:
    return value


def _int_of_double(value: float) -> int:
    # The bounds themselves are excluded: as doubles they may stand for numbers outside.
    if not float(INT_MIN) < value < float(INT_MAX):
        raise CelError("integer overflow")
    return int(value)


def _int_of_uint(value: Uint) -> int:
    if value > INT_MAX:
        raise CelError("integer overflow")
    return int(value)


def _int_of_string(text: str) -> int:
    if _DECIMAL.fullmatch(text) is None or not INT_MIN <= int(text) <= INT_MAX:
        raise conversion_error(STRING, INT)
    return int(text)


def _uint_of_int(value: int) -> Uint:
    if value < 0:
        raise CelError("unsigned integer overflow")
    return Uint(value)


def _uint_of_double(value: float) -> Uint:
    if not 0 <= value < float(UINT_MAX):
        raise CelError("unsigned integer overflow")
    return Uint(int(value))


def _uint_of_string(text: str) -> Uint:
    if _UNSIGNED.fullmatch(text) is None or int(text) > UINT_MAX:
        raise conversion_error(STRING, UINT)
    return Uint(int(text))


def _double_of_string(text: str) -> float:
    value = parse_double(text)
    if value is None:
        raise conversion_error(STRING, DOUBLE)
    return value


def _bool_of_string(text: str) -> bool:
    value = _BOOLS.get(text)
    if value is None:
        raise conversion_error(STRING, BOOL)
    return value


def _string_of_bool(value: bool) -> str:
    return "true" if value else "false"


def _string_of_bytes(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise CelError("invalid UTF-8 in bytes, cannot convert to string") from error


def _timestamp_of_string(text: str) -> Timestamp:
    value = parse_timestamp(text)
    if value is None:
        raise conversion_error(STRING, TIMESTAMP)
    return value


def _duration_of_string(text: str) -> Duration:
    value = parse_duration(text)
    if value is None:
        raise conversion_error(STRING, DURATION)
    return value


_STRINGS: dict[type, Implementation] = {
    str: _identity,
    bool: _string_of_bool,
    bytes: _string_of_bytes,
    float: format_value,
    int: str,
    Uint: lambda value: str(int(value)),
    Timestamp: format_timestamp,
    Duration: format_duration,
}


def to_string(value: Any) -> str | None:
    """string(value); None where no overload takes the value."""
    convert = _STRINGS.get(type(value))
    return None if convert is None else convert(value)


def _conversions(name: str, result: Type, *sources: tuple[str, Type, Implementation]) -> Function:
    return Function(name, *(Overload(oid, (source,), result, impl) for oid, source, impl in sources))


def _size(value: Any) -> int:
    return len(value)


def _size_function() -> Function:
    list_type = list_of(type_param("A"))
    map_type = map_of(type_param("A"), type_param("B"))
    overloads: list[Overload] = []
    for prefix, of in (("bytes", BYTES), ("list", list_type), ("map", map_type), ("string", STRING)):
        overloads.append(Overload(f"size_{prefix}", (of,), INT, _size))
        overloads.append(Overload(f"{prefix}_size", (of,), INT, _size, member=True))
    return Function("size", *overloads)


def _number_conversions() -> tuple[Function, ...]:
    return (
        _conversions(
            "int",
            INT,
            ("int64_to_int64", INT, _identity),
            ("double_to_int64", DOUBLE, _int_of_double),
            ("duration_to_int64", DURATION, lambda value: value.nanos),
            ("string_to_int64", STRING, _int_of_string),
            ("timestamp_to_int64", TIMESTAMP, lambda value: value.nanos // NANOS),
            ("uint64_to_int64", UINT, _int_of_uint),
        ),
        _conversions(
            "uint",
            UINT,
            ("uint64_to_uint64", UINT, _identity),
            ("double_to_uint64", DOUBLE, _uint_of_double),
            ("int64_to_uint64", INT, _uint_of_int),
            ("string_to_uint64", STRING, _uint_of_string),
        ),
    )


def _text_conversions() -> tuple[Function, ...]:
    return (
        _conversions(
            "string",
            STRING,
            ("string_to_string", STRING, _identity),
            ("bool_to_string", BOOL, _string_of_bool),
            ("bytes_to_string", BYTES, _string_of_bytes),
            ("double_to_string", DOUBLE, format_value),
            ("duration_to_string", DURATION, format_duration),
            ("int64_to_string", INT, str),
            ("timestamp_to_string", TIMESTAMP, format_timestamp),
            ("uint64_to_string", UINT, lambda value: str(int(value))),
        ),
        _conversions(
            "timestamp",
            TIMESTAMP,
            ("timestamp_to_timestamp", TIMESTAMP, _identity),
            ("int64_to_timestamp", INT, lambda value: checked_timestamp(value * NANOS)),
            ("string_to_timestamp", STRING, _timestamp_of_string),
        ),
    )


def conversion_functions() -> tuple[Function, ...]:
    """The conversion functions, type(), dyn() and size()."""
    return (
        Function("type", Overload("type", (type_param("A"),), type_of_type(type_param("A")), type_of)),
        Function("dyn", Overload("to_dyn", (type_param("A"),), DYN, _identity)),
        _size_function(),
        _conversions("bool", BOOL, ("bool_to_bool", BOOL, _identity), ("string_to_bool", STRING, _bool_of_string)),
        _conversions("bytes", BYTES, ("bytes_to_bytes", BYTES, _identity), ("string_to_bytes", STRING, str.encode)),
        _conversions(
            "double",
            DOUBLE,
            ("double_to_double", DOUBLE, _identity),
            ("int64_to_double", INT, float),
            ("string_to_double", STRING, _double_of_string),
            ("uint64_to_double", UINT, float),
        ),
        _conversions(
            "duration",
            DURATION,
            ("duration_to_duration", DURATION, _identity),
            ("int64_to_duration", INT, Duration),
            ("string_to_duration", STRING, _duration_of_string),
        ),
        *_number_conversions(),
        *_text_conversions(),
    )
