"""JSON as a tree that keeps what decoding loses: duplicate members and the spelling of numbers.

Next: `exact.py`, which decodes it.
"""

from __future__ import annotations

import json
from typing import Any


class Pairs(list[tuple[str, Any]]):
    """A JSON object with its members in order, duplicates included."""


class Number(str):
    """A JSON number as it was spelt."""

    __slots__ = ()


def parse_exact(text: str) -> Any:
    """The tree of a valid JSON text. Raises ValueError, RecursionError when it is nested too deeply."""
    return json.loads(text, object_pairs_hook=Pairs, parse_int=Number, parse_float=Number, parse_constant=_refuse)


def _refuse(name: str) -> Any:
    raise ValueError(f"invalid JSON constant {name}")


def exact_tree(value: Any) -> Any:
    """The tree of a decoded value: what `parse_exact` gives for its JSON text."""
    if isinstance(value, dict):
        return Pairs((key, exact_tree(item)) for key, item in value.items())
    if isinstance(value, list):
        return [exact_tree(item) for item in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Number(json.dumps(value))
    return value


def plain(node: Any) -> Any:
    """The value of a tree: dicts, lists, ints and floats; the last of duplicate members wins."""
    if isinstance(node, Pairs):
        return {key: plain(value) for key, value in node}
    if isinstance(node, list):
        return [plain(item) for item in node]
    return number(node) if isinstance(node, Number) else node


def number(literal: Number) -> int | float:
    """An int when the literal is one that fits in 64 bits, else a float."""
    if literal.lstrip("-").isdigit() and len(literal) < 25:
        value = int(literal)
        if -(2**63) <= value < 2**63:
            return value
    return float(literal)


def json_kind(node: Any) -> str:
    """How Go's errors call a JSON value."""
    if isinstance(node, Pairs):
        return "object"
    if isinstance(node, list):
        return "array"
    if isinstance(node, bool):
        return "bool"
    return "number" if isinstance(node, Number) else "string"
