"""Checks of single values and their canonical forms, for the fast pass of `walker.py`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any, Final

from kubern.apimachinery.quantity import QuantityError
from kubern.apimachinery.quantity import canonical as canonical_quantity
from kubern.apimachinery.schema.gotype import Kind
from kubern.apimachinery.time import ZERO_TIME, TimeError, normalise_micro_time, normalise_time

Convert = Callable[[Any], Any]
"""Checks a value and gives its canonical form, None when it is in it already."""


class Odd(Exception):
    """Something that only the exact decoder handles."""


def _int_checker(bits: int) -> Convert:
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1

    def check(value: int) -> None:
        if not low <= value <= high:
            raise Odd

    return check


check_int32 = _int_checker(32)
check_int64 = _int_checker(64)


def _check_float(value: Any) -> Any:
    if value.__class__ is int:
        return None
    if value.__class__ is not float:
        raise Odd
    return int(value) if value.is_integer() and abs(value) < 2**53 else None


def _canonical_bytes(value: str) -> str | None:
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Odd from None
    text = base64.b64encode(data).decode()
    return None if text == value else text


def _quantity(value: Any) -> str | None:
    if value.__class__ is int:
        value = str(value)
    elif value.__class__ is not str:
        raise Odd
    try:
        return canonical_quantity(value.strip())
    except QuantityError:
        raise Odd from None


def _time(value: str) -> str | None:
    return _moment(value, normalise_time)


def _micro_time(value: str) -> str | None:
    return _moment(value, normalise_micro_time)


def _moment(value: str, normalise: Callable[[str], str]) -> str | None:
    try:
        text = normalise(value)
    except TimeError:
        raise Odd from None
    if text.startswith(ZERO_TIME[:-1]):
        raise Odd
    return text


def _duration(value: str) -> str:
    from kubern.util.goduration import DurationError, format_duration, parse_duration

    try:
        return format_duration(parse_duration(value))
    except DurationError:
        raise Odd from None


def _int_or_string(value: Any) -> None:
    if value.__class__ is int:
        check_int32(value)
    elif value.__class__ is not str:
        raise Odd


VALUE_CONVERTERS: Final[dict[Kind, Convert]] = {
    Kind.FLOAT: _check_float,
    Kind.BYTES: _canonical_bytes,
    Kind.QUANTITY: _quantity,
    Kind.TIME: _time,
    Kind.MICRO_TIME: _micro_time,
    Kind.DURATION: _duration,
    Kind.INT_OR_STRING: _int_or_string,
}
