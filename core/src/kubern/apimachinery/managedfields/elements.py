"""Path elements of a field set, in the words of FieldsV1: `f:name`, `k:{"name":"a"}`, `v:"a"`, `i:0`.

A path is a tuple of such texts. Upstream: structured-merge-diff/fieldpath (element.go, serialize-pe.go).
Next: `fieldset.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import orjson

from kubern.util.goprint import print_float
from kubern.util.goquote import go_quote

Path = tuple[str, ...]

NOT_PLAIN = re.compile(r"[^ !#-%'-;=?-\[\]-~]")
"""Anything that JSON as Go writes it would escape."""
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
_MIN_PLAIN_FLOAT = 1e-6
_MAX_PLAIN_FLOAT = 1e21


class UnknownElement(ValueError):
    """An element of a kind that a later version may know; sets are read without it."""


def field(name: str) -> str:
    """The element of a map's or struct's member."""
    return "f:" + name


def key(pairs: Iterable[tuple[str, Any]]) -> str:
    """The element of a list item identified by the values of its key fields, given in the order of their names."""
    return "k:{" + ",".join(f'"{name}":{to_json(value)}' for name, value in pairs) + "}"


def value(item: Any) -> str:
    """The element of a scalar in a set."""
    return "v:" + to_json(item)


def to_json(item: Any) -> str:
    """`item` as upstream's encoder writes it: maps sorted, `<`, `>` and `&` escaped, 1.0 as 1."""
    if isinstance(item, str):
        if NOT_PLAIN.search(item) is None:
            return f'"{item}"'
        return orjson.dumps(item).decode().replace("\\b", "\\u0008").replace("\\f", "\\u000c").translate(_ESCAPES)
    if isinstance(item, bool) or item is None:
        return {True: "true", False: "false", None: "null"}[item]
    if isinstance(item, int):
        return str(item)
    if isinstance(item, float):
        return _float(item)
    if isinstance(item, list):
        return "[" + ",".join(map(to_json, item)) + "]"
    return "{" + ",".join(f"{to_json(k)}:{to_json(v)}" for k, v in sorted(item.items())) + "}"


def _float(number: float) -> str:
    if number == 0 or _MIN_PLAIN_FLOAT <= abs(number) < _MAX_PLAIN_FLOAT:
        text = format(Decimal(repr(number)), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    text = print_float(number)
    return text[:-2] + text[-1] if text[-4:-1] == "e-0" else text


def canonical(element: str) -> str:
    """`element` in the one form that equal elements share. Raises ValueError, UnknownElement for an unknown kind."""
    if len(element) < 2:
        raise ValueError("key must be 2 characters long:")
    if element[1] != ":":
        raise ValueError(f"missing colon: {element}")
    kind, text = element[0], element[2:]
    if kind == "f":
        return element
    if kind == "i":
        return f"i:{int(text)}"
    if kind == "v":
        return value(orjson.loads(text))
    if kind == "k":
        fields = orjson.loads(text)
        if not isinstance(fields, dict):
            raise ValueError(f"not an object: {element}")
        return key(sorted(fields.items()))
    raise UnknownElement(element)


def sort_key(element: str) -> tuple[Any, ...]:
    """Upstream's order of elements: fields by name, keys by their values, set values, indices."""
    kind, text = element[0], element[2:]
    if kind == "f":
        return (0, text)
    if kind == "k":
        return (1, tuple((name, _value_order(v)) for name, v in orjson.loads(text).items()))
    if kind == "v":
        return (2, _value_order(orjson.loads(text)))
    return (3, int(text))


_TEXT_ELEMENT = re.compile(r'k:\{"[^"\\]*":"[^"\\]*"\}|v:"[^"\\]*"')


def sort(elements: list[str]) -> list[str]:
    """Elements in upstream's order. Fields sort as their texts do, and so do plain texts without their ends."""
    if len(elements) < 2:
        return elements
    ordered = sorted(elements)
    if ordered[0][0] == "f" == ordered[-1][0]:
        return ordered
    if all(map(_TEXT_ELEMENT.fullmatch, elements)):
        return sorted(elements, key=lambda element: element[:-2] if element[0] == "k" else element[:-1])
    return sorted(elements, key=sort_key)


def _value_order(item: Any) -> tuple[Any, ...]:
    """Numbers, then strings, booleans, lists, maps, null (upstream: value.Compare)."""
    if isinstance(item, bool):
        return (2, item)
    if isinstance(item, (int, float)):
        return (0, item)
    if isinstance(item, str):
        return (1, item)
    if isinstance(item, list):
        return (3, tuple(map(_value_order, item)))
    if isinstance(item, dict):
        return (4, tuple((name, _value_order(v)) for name, v in sorted(item.items())))
    return (5,)


def show(path: Path) -> str:
    """A path as messages show it: `.spec.ports[port=80,protocol="TCP"].name`."""
    return "".join(map(show_element, path))


def show_element(element: str) -> str:
    """One element of `show`."""
    kind, text = element[0], element[2:]
    if kind == "f":
        return "." + text
    if kind == "k":
        return "[" + ",".join(f"{name}={_show_value(v)}" for name, v in orjson.loads(text).items()) + "]"
    if kind == "v":
        return f"[={_show_value(orjson.loads(text))}]"
    return f"[{text}]"


def _show_value(item: Any) -> str:
    if isinstance(item, str):
        return go_quote(item)
    if isinstance(item, bool) or item is None:
        return {True: "true", False: "false", None: "null"}[item]
    if isinstance(item, float):
        return print_float(item)
    if isinstance(item, list):
        return "[" + ",".join(map(_show_value, item)) + "]"
    if isinstance(item, dict):
        return "".join(f"{name}={_show_value(v)}" for name, v in item.items())
    return str(item)
