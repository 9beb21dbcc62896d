"""Bounds and multiples of a number, with their errors (upstream: kube-openapi numberValidator).

Whole numbers are compared with the bounds cut to whole numbers, as int64(bound) does. Next: `numbers.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kubern_apiextensions.schema.structural import Schema, json_types
from kubern_apiextensions.schema.validation.numbers import fits_int64, is_multiple, truncated
from kubern_apiextensions.schema.validation.result import Result, number_text

Number = int | float


def add_number_errors(schema: Schema, value: Number, name: str, result: Result) -> None:
    """`value` is normal (`numbers.py::normal`)."""
    is_integer = json_types(schema)[:1] == ("integer",)
    if is_integer and not fits_int64(value):
        result.plain(_range_text("Checked", name))
    factor, minimum, maximum = schema.get("multipleOf"), schema.get("minimum"), schema.get("maximum")
    if factor is not None:
        _add_multiple_error(value, factor, is_integer, name, result)
    if minimum is not None:
        exclusive = bool(schema.get("exclusiveMinimum"))
        _add_bound_error(value, minimum, exclusive, is_integer, name, result, _below)
    if maximum is not None:
        exclusive = bool(schema.get("exclusiveMaximum"))
        _add_bound_error(value, maximum, exclusive, is_integer, name, result, _above)
    result.match_count += 1


def _range_text(what: str, name: str) -> str:
    return f"{what} value must be of type integer (default format) in {name}"


def native_bound(value: Number, bound: Number, is_integer: bool) -> Number:
    """The bound as it is compared: whole for whole numbers, unless the bound itself does not fit the type."""
    if value.__class__ is float or (is_integer and not fits_int64(bound)):
        return float(bound)
    return truncated(bound)


def _add_multiple_error(value: Number, factor: Number, is_integer: bool, name: str, result: Result) -> None:
    if is_integer and not fits_int64(factor):
        result.plain(_range_text("MultipleOf", name))
    native = native_bound(value, factor, is_integer)
    if factor < 0:
        message = f"factor MultipleOf declared for {name} must be positive: {number_text(native)}"
        result.invalid(name, native, message)
    elif not is_multiple(value, factor):
        result.invalid(name, value, f"{name} in body should be a multiple of {number_text(native)}")


def _below(value: Number, bound: Number, exclusive: bool) -> str:
    if exclusive:
        return "greater than" if value <= bound else ""
    return "greater than or equal to" if value < bound else ""


def _above(value: Number, bound: Number, exclusive: bool) -> str:
    if exclusive:
        return "less than" if value >= bound else ""
    return "less than or equal to" if value > bound else ""


def _add_bound_error(
    value: Number,
    bound: Number,
    exclusive: bool,
    is_integer: bool,
    name: str,
    result: Result,
    violated: Callable[[Number, Number, bool], str],
) -> None:
    if is_integer and not fits_int64(bound):
        what = "Minimum boundary" if violated is _below else "Maximum boundary"
        result.plain(_range_text(what, name))
    native = native_bound(value, bound, is_integer)
    words = violated(value, native, exclusive)
    if words:
        result.invalid(name, value, f"{name} in body should be {words} {number_text(native)}")


def number_is_valid(schema: Schema, value: Number) -> bool:
    """Whether `add_number_errors` would find nothing."""
    result = Result(None)
    add_number_errors(schema, value, "", result)
    return result.is_valid


def has_number_rules(schema: Schema) -> bool:
    """Whether a number can violate anything but its type."""
    rules: tuple[Any, ...] = ("multipleOf", "minimum", "maximum")
    return any(schema.get(rule) is not None for rule in rules)
