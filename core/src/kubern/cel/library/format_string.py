"""format() as Kubernetes has it (ext/strings below version 4): numbers in the American locale, nested values
as CEL literals.

Next: `format_clauses.py`.
"""

from __future__ import annotations

import math
from typing import Any

from kubern.cel.access import find, iterate
from kubern.cel.errors import CelError
from kubern.cel.library.conversions import to_string
from kubern.cel.library.format_clauses import FormatError, interpolate, wrong_type
from kubern.cel.times import format_duration, format_timestamp
from kubern.cel.types import Type
from kubern.cel.values import Duration, Timestamp, Uint, type_of
from kubern.util.goquote import go_quote

_INTEGERS = frozenset({int, Uint})
_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_DEFAULT_PRECISION = 6
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def format_string(text: str, args: Any) -> str:
    """text.format(args)"""

    def argument(index: int) -> Any:
        if index >= len(args):
            raise FormatError(f"index {index} out of range")
        return args[index]

    try:
        return interpolate(text, _Clauses(), argument)
    except FormatError as error:
        raise CelError(str(error)) from None


class _Clauses:
    def string(self, argument: Any) -> str:
        if argument is None:
            return "null"
        if isinstance(argument, Type):
            return argument.name
        kind = type_of(argument).name
        if kind == "list":
            return _list(argument)
        if kind == "map":
            return _map(argument)
        text = to_string(argument)
        if text is None:
            raise wrong_type("string", kind)
        return text

    def decimal(self, argument: Any) -> str:
        if type(argument) not in _INTEGERS:
            raise wrong_type("decimal", type_of(argument).name)
        return str(int(argument))

    def fixed(self, argument: Any, precision: int | None) -> str:
        value = _double("fixed", argument)
        if not math.isfinite(value):
            return _not_finite(value)
        return f"{value:,.{_DEFAULT_PRECISION if precision is None else precision}f}"

    def scientific(self, argument: Any, precision: int | None) -> str:
        value = _double("scientific", argument)
        if not math.isfinite(value):
            return _not_finite(value)
        mantissa, _, exponent = f"{value:.{_DEFAULT_PRECISION}e}".partition("e")
        power = exponent.lstrip("+").translate(_SUPERSCRIPT)
        text = f"{mantissa}\u00a0×\u00a010{power}"
        # cel-go hands the precision over as a width.
        return text.rjust(precision or 0)

    def binary(self, argument: Any) -> str:
        if type(argument) is bool:
            return "1" if argument else "0"
        if type(argument) not in _INTEGERS:
            raise wrong_type("binary", type_of(argument).name)
        return f"{int(argument):b}"

    def hexadecimal(self, argument: Any, upper: bool) -> str:
        if type(argument) in _INTEGERS:
            return f"{int(argument):X}" if upper else f"{int(argument):x}"
        if type(argument) is str:
            argument = argument.encode()
        if type(argument) is not bytes:
            raise wrong_type("hexadecimal", type_of(argument).name)
        return argument.hex().upper() if upper else argument.hex()

    def octal(self, argument: Any) -> str:
        if type(argument) not in _INTEGERS:
            raise wrong_type("octal", type_of(argument).name)
        return f"{int(argument):o}"


def _double(clause: str, argument: Any) -> float:
    if type(argument) is float:
        return argument
    if type(argument) is str and argument in _SPECIAL:
        return _SPECIAL[argument]
    raise wrong_type(clause, type_of(argument).name)


def _not_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "∞" if value > 0 else "-∞"


def _list(items: Any) -> str:
    return "[" + ", ".join(_literal(item) for item in iterate(items)) + "]"


def _map(value: Any) -> str:
    pairs = sorted((_key(key), _literal(find(value, key))) for key in iterate(value))
    return "{" + ", ".join(f"{key}:{item}" for key, item in pairs) + "}"


def _key(key: Any) -> str:
    if type(key) is str:
        return go_quote(key)
    if type(key) is bool:
        return "true" if key else "false"
    if type(key) in _INTEGERS:
        return str(int(key))
    raise FormatError(f"no formatting function for map key of type {type_of(key).name}")


def _literal(value: Any) -> str:
    """A value inside a list or map, written as a CEL literal."""
    if isinstance(value, float):
        return f"{value:.6f}" if math.isfinite(value) else go_quote(_fmt_special(value))
    if isinstance(value, Timestamp):
        return f"timestamp({go_quote(format_timestamp(value))})"
    if isinstance(value, Duration):
        return f"duration({go_quote(format_duration(value))})"
    if isinstance(value, str):
        return go_quote(value)
    text = _Clauses().string(value)
    if isinstance(value, bytes):
        return f"b{go_quote(text)}"
    if text and to_string(value) is None and not _is_container(value) and value is not None:
        raise FormatError(f"no formatting function for {type_of(value).name}")
    return text


def _is_container(value: Any) -> bool:
    return isinstance(value, Type) or type_of(value).name in ("list", "map")


def _fmt_special(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "+Inf" if value > 0 else "-Inf"
