"""Taking fields out of a value, or nothing but them (upstream: typed/remove.go).

Next: `updater.py`, which prunes with this what an applier no longer applies.
"""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.managedfields.fieldset import FieldSet, is_member
from kubern.apimachinery.managedfields.types import LIST, MAP, SCALAR, ListType, MapType, Type
from kubern.apimachinery.managedfields.values import item_elements


def remove(type_: Type, value: Any, fields: FieldSet) -> Any:
    """`value` without `fields`. A map or list that is entered and loses everything becomes null."""
    form = type_.form(value)
    if form == SCALAR:
        return value
    if form == MAP and type_.map is not None:
        return _remove_from_map(type_.map, value, fields)
    if form == LIST and type_.list is not None:
        return _remove_from_list(type_.list, value, fields)
    return None


def _remove_from_map(type_: MapType, value: Any, fields: FieldSet) -> dict[str, Any] | None:
    if not value or not isinstance(value, dict) or type_.atomic:
        return None
    out = {}
    for name, member in value.items():
        node = fields.get("f:" + name)
        if node is None:
            out[name] = member
        elif not is_member(node):
            out[name] = remove(type_.child(name) or type_.deduced, member, node)
    return out or None


def _remove_from_list(type_: ListType, value: Any, fields: FieldSet) -> list[Any] | None:
    if not value or not isinstance(value, list) or not type_.associative:
        return None
    out = []
    for name, item in zip(item_elements(type_, value), value, strict=True):
        node = fields.get(name)
        if node is None:
            out.append(item)
        elif not is_member(node):
            out.append(remove(type_.element, item, node))
    return out or None


def extract(type_: Type, value: Any, fields: FieldSet) -> Any:
    """Nothing but `fields` of `value`; atomic values come whole."""
    form = type_.form(value)
    if form == SCALAR:
        return value
    if form == MAP and type_.map is not None:
        return _extract_from_map(type_.map, value, fields)
    if form == LIST and type_.list is not None:
        return _extract_from_list(type_.list, value, fields)
    return None


def _extract_from_map(type_: MapType, value: Any, fields: FieldSet) -> dict[str, Any] | None:
    if not value or not isinstance(value, dict):
        return None
    if type_.atomic:
        return value
    out = {}
    for name, member in value.items():
        node = fields.get("f:" + name)
        if node is not None:
            out[name] = extract(type_.child(name) or type_.deduced, member, node)
    return out or None


def _extract_from_list(type_: ListType, value: Any, fields: FieldSet) -> list[Any] | None:
    if not value or not isinstance(value, list):
        return None
    if not type_.associative:
        return value
    out = [
        extract(type_.element, item, node)
        for name, item in zip(item_elements(type_, value), value, strict=True)
        if (node := fields.get(name)) is not None
    ]
    return out or None
