"""format() of ext/strings from version 4 on: no locale, nested values in plain text (the CEL specification).

Kubernetes 1.36 does not use it yet. Next: `format_clauses.py`.
"""

from __future__ import annotations

import math
from typing import Any

from kubern.cel.access import find, iterate
from kubern.cel.errors import CelError
from kubern.cel.library.conversions import to_string
from kubern.cel.library.format_clauses import FormatError, interpolate, wrong_type
from kubern.cel.types import Type
from kubern.cel.values import Uint, type_of
from kubern.util.gofloat import format_value

_INTEGERS = frozenset({int, Uint})
_NUMBERS = frozenset({int, Uint, float})


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
        if type(argument) is float:
            return _special(argument) or format_value(argument)
        kind = type_of(argument).name
        if kind == "list":
            return "[" + ", ".join(self.string(item) for item in iterate(argument)) + "]"
        if kind == "map":
            pairs = sorted((self.string(key), self.string(find(argument, key))) for key in iterate(argument))
            return "{" + ", ".join(f"{key}: {item}" for key, item in pairs) + "}"
        text = to_string(argument)
        if text is None:
            raise wrong_type("string", kind)
        return text

    def decimal(self, argument: Any) -> str:
        if type(argument) is float:
            return _special(argument) or format_value(argument)
        if type(argument) not in _INTEGERS:
            raise wrong_type("decimal", type_of(argument).name)
        return str(int(argument))

    def fixed(self, argument: Any, precision: int | None) -> str:
        if type(argument) not in _NUMBERS:
            raise wrong_type("fixed", type_of(argument).name)
        value = float(argument)
        return _special(value) or f"{value:.{6 if precision is None else precision}f}"

    def scientific(self, argument: Any, precision: int | None) -> str:
        if type(argument) not in _NUMBERS:
            raise wrong_type("scientific", type_of(argument).name)
        value = float(argument)
        return _special(value) or f"{value:.{6 if precision is None else precision}e}"

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


def _special(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return ""
