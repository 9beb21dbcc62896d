"""Field sets read with a schema in hand: struct fields made explicit, and sets written under an older schema."""

from __future__ import annotations

from kubern.apimachinery.managedfields.fieldset import LEAF, SELF, FieldSet
from kubern.apimachinery.managedfields.types import Type


def ensure_named_fields_are_members(type_: Type | None, fields: FieldSet) -> FieldSet:
    """The set with every declared field on the way to a member being a member as well."""
    out: FieldSet = {}
    for element, node in fields.items():
        if not node:
            out[element] = node
            continue
        child, declared = _child(type_, element)
        below = ensure_named_fields_are_members(child, node)
        out[element] = {SELF: LEAF, **below} if declared and SELF not in below else below
    return out


def _child(type_: Type | None, element: str) -> tuple[Type | None, bool]:
    """The type below an element, and whether it is a declared field."""
    if type_ is None:
        return None, False
    kind = element[0]
    if kind == "f" and type_.map is not None:
        name = element[2:]
        return type_.map.child(name), type_.map.declares(name)
    if kind == "k" and type_.list is not None:
        return type_.list.element, False
    return None, False


def reconcile_with_schema(type_: Type, fields: FieldSet) -> FieldSet:
    """The set with paths into what has become atomic replaced by the atomic value's own path.

    `fields` itself when the schema has not changed. (typed.ReconcileFieldSetWithSchema)
    """
    map_, list_ = type_.map, type_.list
    if map_ is not None and map_.is_deduced:
        return fields
    out: FieldSet | None = None
    for element, node in fields.items():
        if not node:
            continue
        if map_ is not None:
            child = map_.child(element[2:]) if element[0] == "f" else map_.element
        else:
            child = list_.element if list_ is not None else None
        if child is None:
            continue
        new = LEAF if _is_atomic(child) else reconcile_with_schema(child, node)
        if new is node:
            continue
        if out is None:
            out = fields.copy()
        out[element] = new
    return fields if out is None else out


def _is_atomic(type_: Type) -> bool:
    if type_.map is not None:
        return type_.map.atomic and not type_.map.is_deduced
    return type_.list is not None and not type_.list.associative
