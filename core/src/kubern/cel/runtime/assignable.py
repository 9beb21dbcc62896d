"""Whether a value fits a declared argument type (IsAssignableRuntimeType of cel-go).

Next: `../compile/calls.py` chooses overloads with it.
"""

from __future__ import annotations

from typing import Any

from kubern.cel.runtime.values import Duration, OptionalValue, Timestamp, Uint, type_of, user_key
from kubern.cel.types import OPTIONAL_NAME, Kind, Type

_ANYTHING = frozenset({Kind.DYN, Kind.ANY, Kind.TYPE_PARAM, Kind.ERROR})


_PLAIN_TYPES: dict[Kind, type] = {
    Kind.BOOL: bool,
    Kind.INT: int,
    Kind.UINT: Uint,
    Kind.DOUBLE: float,
    Kind.STRING: str,
    Kind.BYTES: bytes,
    Kind.TIMESTAMP: Timestamp,
    Kind.DURATION: Duration,
}


def plain_type(of: Type) -> type | None:
    """The one Python type of a scalar's values, None for other types."""
    return _PLAIN_TYPES.get(of.kind)


def fits(value: Any, want: Type) -> bool:
    """Whether the value may be passed where the type is wanted; containers by their first entry."""
    kind = want.kind
    if kind in _ANYTHING:
        return True
    given = type_of(value)
    if kind is Kind.LIST:
        return given.name == "list" and _first_fits(value, want)
    if kind is Kind.MAP:
        return (given.kind is Kind.STRUCT or given.name == "map") and _entry_fits(value, want)
    if kind is Kind.OPAQUE and want.name == OPTIONAL_NAME:
        return type(value) is OptionalValue and (not value.present or fits(value.value, want.params[0]))
    return given.kind is kind and given.name == want.name


def _first_fits(value: Any, want: Type) -> bool:
    if not want.params or want.params[0].kind in _ANYTHING:
        return True
    for item in value:
        return fits(item, want.params[0])
    return True


def _entry_fits(value: Any, want: Type) -> bool:
    if type(value) is not dict or not want.params:
        return True
    for key, item in value.items():
        return fits(user_key(key), want.params[0]) and fits(item, want.params[1])
    return True
