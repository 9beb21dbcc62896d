"""Reading parts of values: selection, indexing, membership, presence (refQualify of cel-go's attributes).

Works on plain dicts and lists, on views of API objects and on optionals.
Next: `../compile/access.py` has the shortcuts for values of known shape.
"""

from __future__ import annotations

from typing import Any

from kubern.cel.errors import CelError, no_such_key, no_such_overload
from kubern.cel.runtime.equality import contains, equal
from kubern.cel.runtime.values import (
    NO_VALUE,
    BoolKey,
    OptionalValue,
    Uint,
    Value,
    go_type_name,
    map_key,
    type_of,
)
from kubern.cel.types import Type

MISSING = object()
_INTEGERS = frozenset({int, Uint})
_KEYS = frozenset({int, Uint, float, str})


class Lookup(Value):
    """A value with parts: `find` gives the part of a key or MISSING."""

    __slots__ = ()

    def find(self, key: Any) -> Any:
        """The part that the key names, MISSING when there is none."""
        return MISSING


def find(value: Any, key: Any) -> Any:
    """The part of a map, list or object that a key names, MISSING when it has none.

    Raises:
        CelError: the key has a type that the value does not take.
    """
    kind = type(value)
    if kind is dict:
        return _find_in_map(value, key)
    if kind is list:
        position = list_position(key)
        return value[position] if 0 <= position < len(value) else MISSING
    if isinstance(value, Lookup):
        return value.find(key)
    return MISSING


def _find_in_map(value: dict[Any, Any], key: Any) -> Any:
    kind = type(key)
    if kind is str or kind is int:
        return value.get(key, MISSING)
    if kind is bool or kind in _KEYS:
        return value.get(map_key(key), MISSING)
    return MISSING


def list_position(key: Any) -> int:
    """The list index of a key.

    Raises:
        CelError: the key is no whole number.
    """
    kind = type(key)
    if kind in _INTEGERS:
        return int(key)
    if kind is float:
        if key.is_integer():
            return int(key)
        raise CelError(f"unsupported index value {key!r} in list")
    raise CelError(f"unsupported index type '{type_of(key)}' in list")


def is_list(value: Any) -> bool:
    """Whether the value is a list, plain or viewed."""
    return type_of(value).name == "list"


def missing(value: Any, key: Any) -> CelError:
    """The error of a part that is not there."""
    if is_list(value):
        return CelError(f"index out of bounds: {key}")
    return no_such_key(key)


def index_value(value: Any, key: Any) -> Any:
    """value[key]; of an optional, the optional of its part."""
    if type(value) is OptionalValue:
        return _part_of_optional(value, key)
    found = find(value, key)
    if found is MISSING:
        raise missing(value, key)
    return found


def _part_of_optional(value: OptionalValue, key: Any) -> OptionalValue:
    """A plain selection from an optional: none for what is missing, an error for what has no parts."""
    if value.present and not _has_parts(value.value):
        raise no_such_key(key)
    return optional_index(value, key)


def _has_parts(value: Any) -> bool:
    return type(value) in (dict, list, OptionalValue) or isinstance(value, Lookup)


def select_field(value: Any, name: str) -> Any:
    """value.name"""
    if type(value) is dict:
        found = value.get(name, MISSING)
    elif type(value) is OptionalValue:
        return _part_of_optional(value, name)
    else:
        found = find(value, name) if type(value) is not list else MISSING
    if found is MISSING:
        raise no_such_key(name)
    return found


def optional_index(value: Any, key: Any) -> OptionalValue:
    """value[?key] and value.?key: the part as an optional, none when it is missing."""
    if type(value) is OptionalValue:
        if not value.present:
            return NO_VALUE
        value = value.value
    found = find(value, key)
    return NO_VALUE if found is MISSING else OptionalValue(True, found)


def has_field(value: Any, name: str) -> bool:
    """has(value.name)"""
    if type(value) is dict:
        return name in value
    if type(value) is OptionalValue:
        return value.present and has_field(value.value, name)
    if type(value) is list:
        raise CelError("unsupported index type 'string' in list")
    return find(value, name) is not MISSING


def in_container(item: Any, container: Any) -> bool:
    """item in container: an item of a list, a key of a map."""
    kind = type(container)
    if kind is list:
        return contains(container, item)
    if kind is dict:
        return _find_in_map(container, item) is not MISSING
    if isinstance(container, Lookup):
        if is_list(container):
            return any(equal(item, member) for member in iterate(container))
        return container.find(item) is not MISSING
    raise no_such_overload()


def iterate(value: Any) -> Any:
    """What a comprehension with one variable runs over: items of a list, keys of a map.

    Raises:
        CelError: the value is neither.
    """
    kind = type(value)
    if kind is list:
        return value
    if kind is dict:
        return [key.value if type(key) is BoolKey else key for key in value]
    keys = getattr(value, "iterate", None)
    if keys is None or isinstance(value, Type):
        raise not_iterable(value)
    return keys()


def not_iterable(value: Any) -> CelError:
    """The error of a comprehension over something else."""
    return CelError(f"got '{go_type_name(value)}', expected iterable type")


def iterate_pairs(value: Any) -> Any:
    """What a comprehension with two variables runs over: index and item, or key and value."""
    if is_list(value):
        return enumerate(value)
    return [(key, find(value, key)) for key in iterate(value)]
