"""quantity() and its methods (apiserver's cel/library/quantity.go).

Next: `kubern.apimachinery.quantity` for the arithmetic.
"""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.quantity import Quantity, QuantityError
from kubern.cel.cost.sizes import traversal_cost
from kubern.cel.declarations import Function, Library, member, overload
from kubern.cel.errors import CelError
from kubern.cel.runtime.values import INT_MAX, INT_MIN, Value
from kubern.cel.types import BOOL, DOUBLE, INT, STRING, StructType

QUANTITY = StructType("kubernetes.Quantity")
# Decimal quantities of more digits are not held as int64 upstream and are therefore no integers.
_MAX_DIGITS = 18


class QuantityValue(Value):
    """A quantity; equal ones may be written differently."""

    __slots__ = ("quantity",)
    cel_type = QUANTITY

    def __init__(self, quantity: Quantity) -> None:
        self.quantity = quantity

    def __repr__(self) -> str:
        return f"quantity({self.quantity})"

    def equals(self, other: object) -> bool:
        return isinstance(other, QuantityValue) and self.quantity.compare(other.quantity) == 0


def _parse(text: str) -> QuantityValue:
    try:
        return QuantityValue(Quantity.parse(text))
    except QuantityError as error:
        raise CelError(str(error)) from None


def _is_quantity(text: str) -> bool:
    try:
        Quantity.parse(text)
    except QuantityError:
        return False
    return True


def _integer(value: QuantityValue) -> int | None:
    """The quantity as int64, None where upstream cannot hold it as one."""
    quantity = value.quantity
    if quantity.exponent < 0 or quantity.exponent > _MAX_DIGITS:
        return None
    if quantity.format != "BinarySI" and len(str(abs(quantity.mantissa))) > _MAX_DIGITS:
        return None
    number = quantity.mantissa * 10**quantity.exponent
    return number if INT_MIN <= number <= INT_MAX else None


def _is_integer(value: QuantityValue) -> bool:
    return _integer(value) is not None


def _as_integer(value: QuantityValue) -> int:
    number = _integer(value)
    if number is None:
        raise CelError("cannot convert value to integer")
    return number


def _as_float(value: QuantityValue) -> float:
    return value.quantity.approximate_float()


def _sign(value: QuantityValue) -> int:
    return value.quantity.sign


def _compare(value: QuantityValue, other: QuantityValue) -> int:
    return value.quantity.compare(other.quantity)


def _is_greater(value: QuantityValue, other: QuantityValue) -> bool:
    return value.quantity.compare(other.quantity) > 0


def _is_less(value: QuantityValue, other: QuantityValue) -> bool:
    return value.quantity.compare(other.quantity) < 0


def _add(value: QuantityValue, other: QuantityValue) -> QuantityValue:
    return QuantityValue(value.quantity + other.quantity)


def _add_int(value: QuantityValue, other: int) -> QuantityValue:
    return QuantityValue(value.quantity + Quantity(other))


def _subtract(value: QuantityValue, other: QuantityValue) -> QuantityValue:
    return QuantityValue(value.quantity - other.quantity)


def _subtract_int(value: QuantityValue, other: int) -> QuantityValue:
    return QuantityValue(value.quantity - Quantity(other))


def _parse_cost(args: tuple[Any, ...], _result: Any) -> int:
    return traversal_cost(len(args[0]))


def quantity_library() -> Library:
    """Quantities: parsing, comparison and arithmetic."""
    one, two = (QUANTITY,), (QUANTITY, QUANTITY)
    with_int = (QUANTITY, INT)
    return Library(
        name="kubernetes.quantity",
        functions=(
            Function("quantity", overload("string_to_quantity", (STRING,), QUANTITY, _parse)),
            Function("isQuantity", overload("is_quantity_string", (STRING,), BOOL, _is_quantity)),
            Function("sign", member("quantity_sign", one, INT, _sign)),
            Function("isGreaterThan", member("quantity_is_greater_than", two, BOOL, _is_greater)),
            Function("isLessThan", member("quantity_is_less_than", two, BOOL, _is_less)),
            Function("compareTo", member("quantity_compare_to", two, INT, _compare)),
            Function("asApproximateFloat", member("quantity_get_float", one, DOUBLE, _as_float)),
            Function("asInteger", member("quantity_get_int", one, INT, _as_integer)),
            Function("isInteger", member("quantity_is_integer", one, BOOL, _is_integer)),
            Function(
                "add",
                member("quantity_add", two, QUANTITY, _add),
                member("quantity_add_int", with_int, QUANTITY, _add_int),
            ),
            Function(
                "sub",
                member("quantity_sub", two, QUANTITY, _subtract),
                member("quantity_sub_int", with_int, QUANTITY, _subtract_int),
            ),
        ),
        types=(QUANTITY,),
        costs={"string_to_quantity": _parse_cost, "is_quantity_string": _parse_cost},
    )
