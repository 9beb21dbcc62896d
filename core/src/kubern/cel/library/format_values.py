"""format() on values, as far as its dialects agree: finding arguments, texts, whole numbers in their bases.

Next: `format_string.py` (the dialect of Kubernetes), `format_string_v4.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from kubern.cel.errors import CelError
from kubern.cel.library.conversions import to_string
from kubern.cel.library.format_clauses import Clauses, FormatError, interpolate, wrong_type
from kubern.cel.runtime.values import Uint, type_of
from kubern.cel.types import Type

INTEGERS = frozenset({int, Uint})
DEFAULT_PRECISION = 6


def formatter(clauses: Clauses[Any]) -> Callable[[str, Any], str]:
    """text.format(args) of a dialect; the function raises CelError."""

    def format_string(text: str, args: Any) -> str:
        def argument(index: int) -> Any:
            if index >= len(args):
                raise FormatError(f"index {index} out of range")
            return args[index]

        try:
            return interpolate(text, clauses, argument)
        except FormatError as error:
            raise CelError(str(error)) from None

    return format_string


class ValueClauses(ABC):
    """The clauses that all dialects have in common; each writes lists and maps in its own way."""

    @abstractmethod
    def list(self, items: Any) -> str:
        """A list inside a text."""

    @abstractmethod
    def map(self, value: Any) -> str:
        """A map inside a text."""

    def string(self, argument: Any) -> str:
        if argument is None:
            return "null"
        if isinstance(argument, Type):
            return argument.name
        kind = type_of(argument).name
        if kind == "list":
            return self.list(argument)
        if kind == "map":
            return self.map(argument)
        text = to_string(argument)
        if text is None:
            raise wrong_type("string", kind)
        return text

    def decimal(self, argument: Any) -> str:
        if type(argument) not in INTEGERS:
            raise wrong_type("decimal", type_of(argument).name)
        return str(int(argument))

    def binary(self, argument: Any) -> str:
        if type(argument) is bool:
            return "1" if argument else "0"
        if type(argument) not in INTEGERS:
            raise wrong_type("binary", type_of(argument).name)
        return f"{int(argument):b}"

    def hexadecimal(self, argument: Any, upper: bool) -> str:
        if type(argument) in INTEGERS:
            return f"{int(argument):X}" if upper else f"{int(argument):x}"
        if type(argument) is str:
            argument = argument.encode()
        if type(argument) is not bytes:
            raise wrong_type("hexadecimal", type_of(argument).name)
        return argument.hex().upper() if upper else argument.hex()

    def octal(self, argument: Any) -> str:
        if type(argument) not in INTEGERS:
            raise wrong_type("octal", type_of(argument).name)
        return f"{int(argument):o}"
