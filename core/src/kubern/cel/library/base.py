"""The base library: what every environment has.

Next: `operators.py`, `conversions.py`, `times.py` declare its parts.
"""

from __future__ import annotations

from kubern.cel.cost.sizes import actual_size, traversal_cost
from kubern.cel.declarations import Function, Library, member, overload
from kubern.cel.library.conversions import conversion_functions
from kubern.cel.library.operators import operator_functions
from kubern.cel.library.times import time_functions
from kubern.cel.parser.macros import STANDARD_MACROS
from kubern.cel.runtime.regex import matches, search_cost
from kubern.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    INT,
    LIST,
    MAP,
    NULL,
    STRING,
    TIMESTAMP,
    TYPE,
    UINT,
)


def _contains(text: str, part: str) -> bool:
    return part in text


def _ends_with(text: str, suffix: str) -> bool:
    return text.endswith(suffix)


def _starts_with(text: str, prefix: str) -> bool:
    return text.startswith(prefix)


def _contains_cost(args: tuple[str, ...], _result: object) -> int:
    return traversal_cost(len(args[0])) * traversal_cost(len(args[1]))


def _target_cost(args: tuple[object, ...], _result: object) -> int:
    return traversal_cost(actual_size(args[0]))


def _match_cost(args: tuple[str, ...], _result: object) -> int:
    return search_cost(args[0], args[1])


def _text_functions() -> tuple[Function, ...]:
    two = (STRING, STRING)
    return (
        Function("contains", member("contains_string", two, BOOL, _contains)),
        Function("endsWith", member("ends_with_string", two, BOOL, _ends_with)),
        Function("startsWith", member("starts_with_string", two, BOOL, _starts_with)),
        Function(
            "matches",
            overload("matches", two, BOOL, matches),
            member("matches_string", two, BOOL, matches),
        ),
    )


def base_library() -> Library:
    """Operators, conversions, text and time functions, the standard macros and the type names."""
    return Library(
        name="base",
        functions=(*operator_functions(), *conversion_functions(), *_text_functions(), *time_functions()),
        macros=STANDARD_MACROS,
        types=(
            BOOL,
            BYTES,
            DOUBLE,
            DURATION,
            INT,
            LIST,
            MAP,
            NULL,
            STRING,
            TIMESTAMP,
            TYPE,
            UINT,
        ),
        costs={
            "contains_string": _contains_cost,
            "starts_with_string": _target_cost,
            "ends_with_string": _target_cost,
            "string_to_bytes": _target_cost,
            "bytes_to_string": _target_cost,
            "matches": _match_cost,
            "matches_string": _match_cost,
        },
        slow=frozenset({"matches", "matches_string"}),
    )
