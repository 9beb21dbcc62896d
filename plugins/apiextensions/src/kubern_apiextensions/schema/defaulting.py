"""Default values of a schema: whether there is one, and fresh copies of it. Next: `walker.py`, which sets them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from kubern_apiextensions.schema.structural import Schema

Copy = Callable[[], Any]
MISSING: Final = object()
"""Stands for a default that is not declared (null is no default)."""


def copy_json(value: Any) -> Any:
    """A deep copy of a JSON value."""
    if value.__class__ is dict:
        return {k: copy_json(v) for k, v in value.items()}
    if value.__class__ is list:
        return [copy_json(v) for v in value]
    return value


def declared_default(schema: Schema) -> Any:
    """The schema's own default, MISSING when there is none."""
    value = schema.get("default")
    return MISSING if value is None else value


def copier(value: Any) -> Copy:
    """A function that gives a fresh copy of `value`."""
    if value == {} and isinstance(value, dict):
        return dict
    if isinstance(value, (dict, list)):
        return lambda: copy_json(value)
    return lambda: value
