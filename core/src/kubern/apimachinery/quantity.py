"""Quantities: exact fixed-point numbers with a suffix, `500m`, `1Gi`, `5e6` (upstream: resource.Quantity).

A quantity is `mantissa * 10**exponent` plus the format it was written in. Parsing, rounding and the
canonical text follow upstream to the digit, since the canonical text is what clients are shown and what is
stored. Next: `schema/gotype.py`, whose walkers bring every quantity of an object to this form.
"""

from __future__ import annotations

import functools
from typing import Final, Literal

Format = Literal["DecimalExponent", "BinarySI", "DecimalSI"]

_SPLIT_PATTERN: Final = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
FORMAT_WRONG: Final = f"quantities must match the regular expression '{_SPLIT_PATTERN}'"
NUMERIC_WRONG: Final = "unable to parse numeric part of quantity"
SUFFIX_WRONG: Final = "unable to parse quantity's suffix"

_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_DECIMAL_SUFFIX: Final = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_BINARY_SUFFIX: Final = {0: "", **{exponent: suffix for suffix, exponent in _BINARY.items()}}
_SUFFIX_CHARS: Final = frozenset("eEinumkKMGTP")
_DIGITS: Final = frozenset("0123456789")

NANO: Final = -9
MILLI: Final = -3
_MAX_INT64: Final = 2**63 - 1
_MAX_FAST_DIGITS: Final = 18
# Differs from kube-apiserver: it takes any number of digits and computes 10**n for any n, which hostile input
# turns into a hang. Here longer numbers are refused, and of two quantities further apart the smaller is ignored.
_MAX_DIGITS: Final = 2000
_MAX_ALIGNMENT: Final = 2000


class QuantityError(ValueError):
    """A text that is no quantity; the message is upstream's."""


class Quantity:
    """An immutable quantity. Compares by value: `1` equals `1000m`.

    `text` keeps a spelling that already was canonical when parsed (upstream reuses it too: `+1` stays `+1`).
    """

    __slots__ = ("exponent", "format", "mantissa", "text")

    def __init__(self, mantissa: int, exponent: int = 0, format: str = "DecimalSI", text: str = "") -> None:
        self.mantissa = mantissa
        self.exponent = exponent
        self.format = format
        self.text = text

    @staticmethod
    def parse(text: str) -> Quantity:
        """The quantity written as `text`. Raises QuantityError."""
        return _parse(text)

    @property
    def sign(self) -> int:
        return (self.mantissa > 0) - (self.mantissa < 0)

    def __str__(self) -> str:
        return self.text or _canonical_text(self)

    def __repr__(self) -> str:
        return f"Quantity({str(self)!r})"

    def compare(self, other: Quantity) -> int:
        """-1, 0 or 1 as self is less than, equal to or more than `other`."""
        if self.exponent == other.exponent:
            return (self.mantissa > other.mantissa) - (self.mantissa < other.mantissa)
        if self.sign != other.sign or not self.mantissa:
            return (self.sign > other.sign) - (self.sign < other.sign)
        mine = len(str(abs(self.mantissa))) + self.exponent
        theirs = len(str(abs(other.mantissa))) + other.exponent
        if mine != theirs:
            return self.sign if mine > theirs else -self.sign
        a, b, _ = _aligned(self, other)
        return (a > b) - (a < b)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quantity) and self.compare(other) == 0

    def __lt__(self, other: Quantity) -> bool:
        return self.compare(other) < 0

    def __le__(self, other: Quantity) -> bool:
        return self.compare(other) <= 0

    def __gt__(self, other: Quantity) -> bool:
        return self.compare(other) > 0

    def __ge__(self, other: Quantity) -> bool:
        return self.compare(other) >= 0

    def __hash__(self) -> int:
        mantissa, exponent = _without_zeros(self.mantissa, self.exponent)
        return hash((mantissa, exponent if mantissa else 0))

    def __add__(self, other: Quantity) -> Quantity:
        """The sum, in self's format unless self is zero."""
        a, b, exponent = _aligned(self, other)
        return Quantity(a + b, exponent, self.format if self.mantissa else other.format)

    def __sub__(self, other: Quantity) -> Quantity:
        """The difference, in self's format unless self is zero."""
        a, b, exponent = _aligned(self, other)
        return Quantity(a - b, exponent, self.format if self.mantissa else other.format)

    def __neg__(self) -> Quantity:
        return Quantity(-self.mantissa, self.exponent, self.format)

    def __mul__(self, factor: int) -> Quantity:
        return Quantity(self.mantissa * factor, self.exponent, self.format)

    def round_up(self, scale: int) -> Quantity:
        """Rounded away from zero to a multiple of `10**scale` (upstream: RoundUp)."""
        if self.exponent >= scale:
            return self
        return Quantity(self.scaled_value(scale), scale, self.format)

    def scaled_value(self, scale: int) -> int:
        """`self / 10**scale`, rounded away from zero to an integer."""
        if self.exponent >= scale:
            return self.mantissa * _power(self.exponent - scale)
        quotient, remainder = divmod(abs(self.mantissa), _power(scale - self.exponent))
        return self.sign * (quotient + 1 if remainder else quotient)

    def value(self) -> int:
        """The next integer away from zero."""
        return self.scaled_value(0)

    def milli_value(self) -> int:
        """Thousandths, rounded away from zero."""
        return self.scaled_value(MILLI)

    def approximate_float(self) -> float:
        """The nearest float; infinite when out of range."""
        try:
            return float(f"{self.mantissa}e{self.exponent}")
        except OverflowError:
            return self.sign * float("inf")


ZERO: Final = Quantity(0, text="0")


@functools.lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """The canonical spelling of a quantity. Raises QuantityError."""
    return str(_parse(text))


def _power(exponent: int) -> int:
    return int(10 ** min(exponent, _MAX_ALIGNMENT))


def _aligned(a: Quantity, b: Quantity) -> tuple[int, int, int]:
    """Both mantissas at the smaller exponent, and that exponent."""
    if not a.mantissa:
        return 0, b.mantissa, b.exponent
    if not b.mantissa:
        return a.mantissa, 0, a.exponent
    difference = a.exponent - b.exponent
    if difference > _MAX_ALIGNMENT:
        return a.mantissa, 0, a.exponent
    if difference < -_MAX_ALIGNMENT:
        return 0, b.mantissa, b.exponent
    if difference >= 0:
        return a.mantissa * _power(difference), b.mantissa, b.exponent
    return a.mantissa, b.mantissa * _power(-difference), a.exponent


def _scan_digits(text: str, start: int) -> int:
    end = start
    while end < len(text) and text[end] in _DIGITS:
        end += 1
    return end


def _split(text: str) -> tuple[bool, str, str, str]:
    """(positive, integer digits without leading zeros, fraction digits, suffix) of a quantity's text."""
    positive = not text.startswith("-")
    position = 1 if text[:1] in ("-", "+") else 0
    while position < len(text) and text[position] == "0":
        position += 1
    end = _scan_digits(text, position)
    integer = text[position:end] or "0"
    fraction = ""
    if end < len(text) and text[end] == ".":
        position = end + 1
        end = _scan_digits(text, position)
        fraction = text[position:end]
    position = end
    while position < len(text) and text[position] in _SUFFIX_CHARS:
        position += 1
    if position < len(text) and text[position] in "+-":
        position += 1
    if _scan_digits(text, position) < len(text):
        raise QuantityError(FORMAT_WRONG)
    return positive, integer, fraction, text[end:]


def _interpret_suffix(suffix: str) -> tuple[int, int, Format]:
    """(base, exponent, format) of a suffix."""
    decimal = _DECIMAL.get(suffix)
    if decimal is not None:
        return 10, decimal, "DecimalSI"
    binary = _BINARY.get(suffix)
    if binary is not None:
        return 2, binary, "BinarySI"
    if len(suffix) > 1 and suffix[0] in "eE":
        try:
            exponent = int(suffix[1:])
        except ValueError:
            raise QuantityError(SUFFIX_WRONG) from None
        if -(2**63) <= exponent <= _MAX_INT64:
            return 10, (exponent + 2**31) % 2**32 - 2**31, "DecimalExponent"
    raise QuantityError(SUFFIX_WRONG)


@functools.lru_cache(maxsize=4096)
def _parse(text: str) -> Quantity:
    """Kept: the same few spellings come again in every pod, in validation, defaults and quotas."""
    if not text:
        raise QuantityError(FORMAT_WRONG)
    if text == "0":
        return ZERO
    positive, integer, fraction, suffix = _split(text)
    if len(integer) + len(fraction) > _MAX_DIGITS:
        raise QuantityError(NUMERIC_WRONG)
    base, exponent, format = _interpret_suffix(suffix)
    if base == 2:
        quantity = _parse_small_binary(text, integer, fraction, exponent)
    else:
        quantity = _parse_small_decimal(text, integer, fraction, exponent, format)
    quantity = quantity or _parse_large(integer, fraction, base, exponent, format)
    if positive:
        return quantity
    return Quantity(-quantity.mantissa, quantity.exponent, quantity.format, quantity.text)


def _parse_small_decimal(text: str, integer: str, fraction: str, exponent: int, format: Format) -> Quantity | None:
    """A decimal that upstream holds in an int64; keeps the text when that already is canonical."""
    digits = integer + fraction
    scale = exponent - len(fraction)
    if len(digits) > _MAX_FAST_DIGITS or scale < NANO:
        return None
    reusable = scale % 3 == 0 and not digits.endswith("000") and digits[0] != "0"
    return Quantity(int(digits), scale, format, text if reusable else "")


def _parse_small_binary(text: str, integer: str, fraction: str, exponent: int) -> Quantity | None:
    """A whole binary quantity that upstream holds in an int64; keeps the text when that already is canonical."""
    if fraction or 15 - len(integer) - exponent * 3 // 10 - 1 < 0:
        return None
    number = int(integer)
    value = number << exponent
    if value > _MAX_INT64:
        return None
    return Quantity(value, 0, "BinarySI", text if number & 7 else "")


def _parse_large(integer: str, fraction: str, base: int, exponent: int, format: Format) -> Quantity:
    """Everything else: rounded away from zero to nano, binary ones capped at 2**63-1."""
    mantissa = int(integer + fraction)
    scale = -len(fraction)
    if base == 10:
        scale += exponent
    else:
        mantissa <<= exponent
    quantity = Quantity(mantissa, scale, format).round_up(NANO)
    if format == "BinarySI":
        if quantity.compare(Quantity(_MAX_INT64)) > 0:
            return Quantity(_MAX_INT64, 0, format)
        if quantity.mantissa and quantity.compare(Quantity(1)) < 0:
            return Quantity(quantity.mantissa, quantity.exponent, "DecimalSI")
    return quantity


def _without_zeros(mantissa: int, exponent: int) -> tuple[int, int]:
    """Factors of ten moved from the mantissa into the exponent."""
    if not mantissa:
        return 0, exponent
    digits = str(mantissa)
    zeros = len(digits) - len(digits.rstrip("0"))
    return mantissa // 10**zeros, exponent + zeros


def _canonical_text(quantity: Quantity) -> str:
    if not quantity.mantissa:
        return "0"
    format = quantity.format
    if format == "BinarySI":
        binary = _binary_text(quantity)
        if binary is not None:
            return binary
        format = "DecimalSI"
    mantissa, exponent = _without_zeros(quantity.mantissa, quantity.exponent)
    while exponent % 3:
        mantissa *= 10
        exponent -= 1
    if format == "DecimalSI" and exponent in _DECIMAL_SUFFIX:
        return f"{mantissa}{_DECIMAL_SUFFIX[exponent]}"
    return f"{mantissa}e{exponent}" if exponent else str(mantissa)


def _binary_text(quantity: Quantity) -> str | None:
    """The text with a binary suffix; None when it is small or not whole and shows as a decimal."""
    if quantity.exponent < 0 and quantity.mantissa % _power(-quantity.exponent):
        return None
    value = quantity.value()
    if -1024 < value < 1024:
        return None
    exponent = 0
    while value % 1024 == 0 and exponent < 60:
        value //= 1024
        exponent += 10
    return f"{value}{_BINARY_SUFFIX[exponent]}"
