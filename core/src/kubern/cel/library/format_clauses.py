"""The clauses of a format string: parsing, shared by both dialects of format() and by its validator.

Next: `format_string.py` (the dialect of Kubernetes), `format_string_v4.py`, `../checker/validators.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)
# Go's fmt refuses larger precisions.
MAX_PRECISION = 1_000_000
_DIGITS = "0123456789"
_CONVERTING = "error while converting precision to integer: strconv.Atoi: parsing"


class FormatError(Exception):
    """The format string or an argument is wrong; the message is cel-go's."""


class Clauses(Protocol[T_contra]):
    """What to do with an argument, by the letter of its clause; `precision` is None where none is given."""

    def string(self, argument: T_contra) -> str: ...

    def decimal(self, argument: T_contra) -> str: ...

    def fixed(self, argument: T_contra, precision: int | None) -> str: ...

    def scientific(self, argument: T_contra, precision: int | None) -> str: ...

    def binary(self, argument: T_contra) -> str: ...

    def hexadecimal(self, argument: T_contra, upper: bool) -> str: ...

    def octal(self, argument: T_contra) -> str: ...


def interpolate(text: str, clauses: Clauses[T], argument: Callable[[int], T]) -> str:
    """The text with each clause replaced by what `clauses` make of its argument.

    Raises:
        FormatError: as cel-go words it.
    """
    out: list[str] = []
    at, count = 0, 0
    while True:
        start = text.find("%", at)
        if start < 0:
            out.append(text[at:])
            return "".join(out)
        out.append(text[at:start])
        if text[start + 1 : start + 2] == "%":
            out.append("%")
            at = start + 2
            continue
        value = argument(count)
        count += 1
        if start + 1 >= len(text):
            raise FormatError("unexpected end of string")
        at, apply = _clause(text, start + 1, clauses)
        try:
            out.append(apply(value))
        except FormatError as error:
            raise FormatError(f"error during formatting: {error}") from None


def _clause(text: str, at: int, clauses: Clauses[T]) -> tuple[int, Callable[[T], str]]:
    """The end of the clause and its effect."""
    precision: int | None = None
    if text[at] == ".":
        end = at + 1
        while end < len(text) and text[end] in _DIGITS:
            end += 1
        precision = _precision(text[at + 1 : end], end == len(text))
        at = end
    letter = text[at]
    simple = {"s": clauses.string, "d": clauses.decimal, "b": clauses.binary, "o": clauses.octal}.get(letter)
    if simple is not None:
        return at + 1, simple
    if letter == "f":
        return at + 1, lambda value: clauses.fixed(value, precision)
    if letter == "e":
        return at + 1, lambda value: clauses.scientific(value, precision)
    if letter in "xX":
        return at + 1, lambda value: clauses.hexadecimal(value, letter == "X")
    raise FormatError(f'could not parse formatting clause: unrecognized formatting clause "{letter}"')


def _precision(digits: str, at_end: bool) -> int:
    if at_end:
        problem = "could not find end of precision specifier"
    elif not digits:
        problem = f'{_CONVERTING} "": invalid syntax'
    elif len(digits) > 10 or int(digits) > MAX_PRECISION:
        problem = f'{_CONVERTING} "{digits}": value out of range'
    else:
        return int(digits)
    raise FormatError(f"could not parse formatting clause: error while parsing precision: {problem}")


def wrong_type(clause: str, given: str) -> FormatError:
    """The complaint of a clause about the type of its argument."""
    return FormatError(f"{_COMPLAINTS[clause]}, was given {given}")


_COMPLAINTS = {
    "string": "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, "
    "durations, and timestamps",
    "decimal": "decimal clause can only be used on integers",
    "fixed": "fixed-point clause can only be used on doubles",
    "scientific": "scientific clause can only be used on doubles",
    "binary": "only integers and bools can be formatted as binary",
    "hexadecimal": "only integers, byte buffers, and strings can be formatted as hex",
    "octal": "octal clause can only be used on integers",
}
