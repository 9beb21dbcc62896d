"""Whole numbers written as fractions: Go reads 2.0 as a float and writes it as 2, so that is what is stored.

Upstream gets there by encoding JSON. Next: `../registry/strategy.py`, which asks before an object is stored.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

_INT64: Final = 2.0**63
_MUTABLE: Final = frozenset({dict, list, float})


def make_whole(value: Any) -> Any:
    """The value with every whole float an int, changed in place."""
    kind = value.__class__
    if kind is dict:
        for name, member in value.items():
            if member.__class__ in _MUTABLE:
                value[name] = make_whole(member)
    elif kind is list:
        for i, item in enumerate(value):
            if item.__class__ in _MUTABLE:
                value[i] = make_whole(item)
    elif kind is float and value.is_integer() and -_INT64 < value < _INT64 and str(value) != "-0.0":
        return int(Decimal(repr(value)))
    return value
