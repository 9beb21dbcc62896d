"""Which fields differ between two objects of one type: changed (modified or added), and removed.

Upstream tells modified from added (typed/compare.go); nobody needs that distinction, so they are one set here.
This runs on every write: equal parts are passed over by identity, then by their text.
Next: `updater.py`.
"""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.managedfields.fieldset import LEAF, FieldSet, in_order, union
from kubern.apimachinery.managedfields.toset import all_fields
from kubern.apimachinery.managedfields.types import MAP, SCALAR, ListType, MapType, Type
from kubern.apimachinery.managedfields.values import equal, equal_but_for_nulls, item_elements

Difference = tuple[FieldSet | None, FieldSet | None]
"""(changed, removed) as nodes: None for nothing, `{}` for the value itself."""
_NOTHING: Difference = (None, None)
_CHANGED: Difference = (LEAF, None)


def compare(type_: Type, old: dict[str, Any], new: dict[str, Any]) -> tuple[FieldSet, FieldSet]:
    """The sets (changed, removed). Raises TypedError for list items that cannot be told apart."""
    changed, removed = _compare(type_, old, new)
    return changed or {}, removed or {}


def _compare(type_: Type, old: Any, new: Any) -> Difference:
    """Two values that are both there (null is a value)."""
    form, new_form = type_.form(old), type_.form(new)
    if form != new_form:
        return _compare_forms(type_, form, new_form, old, new)
    return _compare_as(type_, form, old, new)


def _compare_as(type_: Type, form: int, old: Any, new: Any) -> Difference:
    if form == SCALAR:
        return _NOTHING if equal(old, new) else _CHANGED
    if form == MAP and type_.map is not None:
        return _compare_maps(type_.map, old, new)
    if type_.list is not None:
        return _compare_lists(type_.list, old, new)
    return _NOTHING


def _compare_forms(type_: Type, form: int, new_form: int, old: Any, new: Any) -> Difference:
    """A value that changed its form: the old form's parts go, the new form's come."""
    changed, removed = _compare_as(type_, form, old, new)
    also_changed, also_removed = _compare_as(type_, new_form, old, new)
    return _both(changed, also_changed), _both(removed, also_removed)


def _both(a: FieldSet | None, b: FieldSet | None) -> FieldSet | None:
    if a is None or b is None:
        return b if a is None else a
    return union({"n": a}, {"n": b})["n"]  # type: ignore[no-any-return]


def _compare_maps(type_: MapType, old: Any, new: Any) -> Difference:
    before: dict[str, Any] = old if isinstance(old, dict) else {}
    after: dict[str, Any] = new if isinstance(new, dict) else {}
    if type_.atomic or not (before or after):
        return _NOTHING if _same(type_, old, new) else _CHANGED
    changed: FieldSet = {}
    removed: FieldSet = {}
    for name, value in after.items():
        if name not in before:
            if value is not None or name not in type_.nulls:
                changed["f:" + name] = all_fields(type_.child(name) or type_.deduced, value)
            continue
        was = before[name]
        if equal(was, value):
            continue
        more, less = _compare(type_.child(name) or type_.deduced, was, value)
        if more is not None:
            changed["f:" + name] = more
        if less is not None:
            removed["f:" + name] = less
    if len(before) > len(after) or any(name not in after for name in before):
        _compare_missing(type_, before, after, changed, removed)
    return in_order(changed) or None, in_order(removed) or None


def _compare_missing(
    type_: MapType, before: dict[str, Any], after: dict[str, Any], changed: FieldSet, removed: FieldSet
) -> None:
    """Add what became of the members that are not there any more: gone, or null where Go writes them always."""
    for name, was in before.items():
        if name in after:
            continue
        if name not in type_.nulls:
            removed["f:" + name] = all_fields(type_.child(name) or type_.deduced, was)
        elif was is not None:
            changed["f:" + name] = LEAF


def _compare_lists(type_: ListType, old: Any, new: Any) -> Difference:
    before: list[Any] = old if isinstance(old, list) else []
    after: list[Any] = new if isinstance(new, list) else []
    if not type_.associative or not (before or after):
        return _NOTHING if _same(type_, old, new) else _CHANGED
    old_items = _by_element(type_, before)
    new_items = _by_element(type_, after)
    changed: FieldSet = {}
    removed: FieldSet = {}
    for name in old_items | new_items:
        more, less = _compare_items(type_.element, old_items.get(name, ()), new_items.get(name, ()))
        if more is not None:
            changed[name] = more
        if less is not None:
            removed[name] = less
    return in_order(changed) or None, in_order(removed) or None


def _same(type_: MapType | ListType, old: Any, new: Any) -> bool:
    """Equality of atomic values: stored ones carry Go's nulls, decoded ones do not."""
    return equal(old, new) or (type_.is_go and equal_but_for_nulls(old, new))


def _by_element(type_: ListType, items: list[Any]) -> dict[str, list[Any] | tuple[Any]]:
    """The items by path element; more than one where they repeat."""
    names = item_elements(type_, items)
    out: dict[str, list[Any] | tuple[Any]] = {}
    for name, item in zip(names, items, strict=True):
        if name in out:
            out[name] = [*out[name], item]
        else:
            out[name] = (item,)
    return out


def _compare_items(type_: Type, old: Any, new: Any) -> Difference:
    """What one path element stands for on both sides. Items that repeat are compared as one atomic value."""
    if len(old) == 1 and len(new) == 1:
        was, value = old[0], new[0]
        if equal(was, value):
            return _NOTHING
        return _compare(type_, was, value)
    if len(old) > 1 and len(new) > 1:
        return _NOTHING if equal(list(old), list(new)) else _CHANGED
    if len(old) > 1:
        return (all_fields(type_, new[0]) if new else None), LEAF
    if len(new) > 1:
        return LEAF, (all_fields(type_, old[0]) if old else None)
    return (None, all_fields(type_, old[0])) if old else (all_fields(type_, new[0]), None)
