"""Which fields does a value set? For an applied configuration and for values that appear or disappear.

Upstream: typed/tofieldset.go, and compare.go where one side is missing. Next: `compare.py`.
"""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.managedfields.fieldset import LEAF, SELF, FieldSet, in_order
from kubern.apimachinery.managedfields.types import LIST, MAP, ListType, MapType, Type
from kubern.apimachinery.managedfields.values import item_elements

_COMPOSED = (dict, list)


def to_field_set(type_: Type, value: Any) -> FieldSet:
    """Every leaf and list item that an applied configuration mentions. Raises TypedError."""
    members = _members(type_, value)
    return {} if members is None else members


def _members(type_: Type, value: Any) -> FieldSet | None:
    """The set below a value, None when the value is itself a leaf."""
    form = type_.form(value)
    if form == MAP and type_.map is not None:
        if type_.map.atomic:
            return None
        return _map_members(type_.map, value) if isinstance(value, dict) else {}
    if form == LIST and type_.list is not None:
        if not type_.list.associative:
            return None
        return _list_members(type_.list, value) if isinstance(value, list) else {}
    return None


def _map_members(type_: MapType, value: dict[str, Any]) -> FieldSet:
    out: FieldSet = {}
    for name, member in sorted(value.items()):
        child = type_.child(name) or type_.deduced
        members = _members(child, member)
        owned = members is None or member is None or member == {} or not type_.declares(name)
        if not members:
            if owned:
                out["f:" + name] = LEAF
        else:
            out["f:" + name] = {SELF: LEAF, **members} if owned else members
    return out


def _list_members(type_: ListType, value: list[Any]) -> FieldSet:
    names = item_elements(type_, value)
    repeated = {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ()
    out: FieldSet = {}
    for name, item in zip(names, value, strict=True):
        members = None if name in repeated else _members(type_.element, item)
        out[name] = {SELF: LEAF, **members} if members else LEAF
    return in_order(out)


def all_fields(type_: Type, value: Any) -> FieldSet:
    """The node of a value that is wholly new (or gone): it and everything below it, atomic values as one.

    Raises TypedError.
    """
    map_ = type_.map
    if map_ is not None and not map_.atomic and isinstance(value, dict):
        names = value.keys() | map_.nulls if map_.nulls else value
        if not names:
            return LEAF
        out: FieldSet = {SELF: LEAF}
        for name in sorted(names):
            member = value.get(name)
            if isinstance(member, _COMPOSED):
                out["f:" + name] = all_fields(map_.child(name) or map_.deduced, member)
            else:
                out["f:" + name] = LEAF
        return out
    if not value:
        return LEAF
    list_ = type_.list
    if list_ is not None and list_.associative and isinstance(value, list):
        return _all_items(list_, value)
    return LEAF


def _all_items(type_: ListType, value: list[Any]) -> FieldSet:
    names = item_elements(type_, value)
    out: FieldSet = {SELF: LEAF}
    element = type_.element
    for name, item in zip(names, value, strict=True):
        # An item that occurs twice is owned as one, without what is below it.
        out[name] = LEAF if name in out else all_fields(element, item)
    return in_order(out)
