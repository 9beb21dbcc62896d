"""Equality of values, and what identifies an item of a list."""

from __future__ import annotations

from typing import Any

import orjson

from kubern.apimachinery.managedfields import elements
from kubern.apimachinery.managedfields.errors import TypedError
from kubern.apimachinery.managedfields.types import ListType


def equal(a: Any, b: Any) -> bool:
    """Equality as upstream's value.Equals: 1 is 1.0, but true is not 1."""
    if a is b:
        return True
    if isinstance(a, (dict, list)):
        return _same_text(a, b) or (a == b and _deeply_equal(a, b))
    if a != b:
        return False
    return isinstance(a, bool) == isinstance(b, bool)


def _same_text(a: Any, b: Any) -> bool:
    """Whether both are the same JSON. Python's == cannot tell true from 1 below; this can, and fast."""
    try:
        return orjson.dumps(a) == orjson.dumps(b)
    except orjson.JSONEncodeError:
        return False


def _deeply_equal(a: Any, b: Any) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return len(a) == len(b) and all(k in b and _deeply_equal(v, b[k]) for k, v in a.items())
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_deeply_equal, a, b))
    return bool(a == b) and isinstance(a, bool) == isinstance(b, bool)


def equal_but_for_nulls(a: Any, b: Any) -> bool:
    """Equality of values of one Go type, of which one may say null where the other has nothing, or an empty list."""
    if isinstance(a, dict) and isinstance(b, dict):
        return all(equal_but_for_nulls(a.get(name), b.get(name)) for name in a.keys() | b.keys())
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(equal_but_for_nulls, a, b))
    if a is None or b is None:
        return (a is None or a == []) and (b is None or b == [])
    return equal(a, b)


def item_element(type_: ListType, item: Any) -> str:
    """The path element of an item of an associative list. Raises TypedError. (listItemToPathElement)"""
    if type_.keys:
        return _keyed_element(type_, item)
    if isinstance(item, str):
        return elements.value(item)
    if isinstance(item, dict):
        raise TypedError.of("associative list without keys has an element that's a map type")
    if isinstance(item, list):
        raise TypedError.of("not supported: associative list with lists as elements")
    if item is None:
        raise TypedError.of("associative list without keys has an element that's an explicit null")
    return elements.value(item)


def _keyed_element(type_: ListType, item: Any) -> str:
    if not isinstance(item, dict):
        what = "a null element" if item is None else "non-map elements"
        raise TypedError.of(f"associative list with keys may not have {what}")
    pairs = []
    for name in type_.keys:
        if name in item:
            pairs.append((name, item[name]))
            continue
        default = _key_default(type_, name)
        if default is not None:
            pairs.append((name, default))
    if not pairs:
        names = "[" + " ".join(f'"{name}"' for name in type_.key_order) + "]"
        raise TypedError.of(
            f"associative list with keys has an element that omits all key fields {names} "
            "(and doesn't have default values for any key fields)"
        )
    return elements.key(pairs)


def _key_default(type_: ListType, name: str) -> Any:
    members = type_.element.map
    if members is None:
        raise TypedError.of(f"couldn't find default value for {name}: associative list may not have non-map types")
    return members.default(name)


def item_elements(type_: ListType, items: list[Any]) -> list[str]:
    """The path elements of all items. Raises TypedError naming the item (`element 3: ...`)."""
    if len(type_.keys) == 1:
        known = _single_keys(type_.keys[0], items)
        if known is not None:
            return known
    out = []
    for i, item in enumerate(items):
        try:
            out.append(item_element(type_, item))
        except TypedError as error:
            raise TypedError.of(f"element {i}: {error}") from None
    return out


def _single_keys(name: str, items: list[Any]) -> list[str] | None:
    """The elements of maps that all have the one key, a text that needs no escapes; None for any others."""
    try:
        values = [item[name] for item in items]
        plain = elements.NOT_PLAIN.search("".join(values)) is None
    except (KeyError, TypeError):
        return None
    if not plain:
        return None
    start = f'k:{{"{name}":"'
    return [f'{start}{value}"}}' for value in values]
