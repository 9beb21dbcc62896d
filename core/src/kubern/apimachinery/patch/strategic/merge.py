"""Merging a strategic patch into an object: maps key by key, lists by strategy and merge key.

Nothing given is changed: maps and lists on the way are copied. Next: `lists.py`.
"""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.patch.strategic import lists, order
from kubern.apimachinery.patch.strategic.directives import (
    DELETE_FROM_PRIMITIVE_LIST,
    PATCH,
    REPLACE,
    SET_ELEMENT_ORDER,
    apply_retain_keys,
    directed_key,
    handle_patch_directive,
    plain_value,
    without_directives,
)
from kubern.apimachinery.patch.strategic.errors import (
    BAD_PRIMITIVE_LIST,
    BAD_SET_ELEMENT_ORDER,
    bad_arg_type,
)
from kubern.apimachinery.patch.strategic.metadata import PatchMeta, lookup, lookup_list
from kubern.apimachinery.schema.model import Schema

Map = dict[str, Any]


def merge_map(original: Map, patch: Map, schema: Schema | None) -> Map:
    """`original` with `patch` merged in. Raises StrategicPatchError. (upstream: mergeMap)"""
    if PATCH in patch:
        return handle_patch_directive(patch)
    out, todo = original.copy(), patch.copy()
    apply_retain_keys(out, todo)
    _merge_ordered_lists(out, todo, schema)
    for key, value in todo.items():
        if key.startswith(DELETE_FROM_PRIMITIVE_LIST):
            name = directed_key(key, DELETE_FROM_PRIMITIVE_LIST, BAD_PRIMITIVE_LIST)
            _merge_member(out, name or key, value, schema, is_deletion=True)
        else:
            _merge_member(out, key, value, schema, is_deletion=False)
    return out


def _merge_member(out: Map, key: str, value: Any, schema: Schema | None, is_deletion: bool) -> None:
    if value is None:
        out.pop(key, None)
        return
    current = out.get(key)
    if key not in out or type(current) is not type(value):
        if not is_deletion:
            _take(out, key, value)
    elif isinstance(value, dict):
        meta = lookup(schema, key)
        out[key] = value if meta.strategy == REPLACE else merge_map(out[key], value, meta.schema)
    elif isinstance(value, list):
        out[key] = merge_list(out[key], value, lookup_list(schema, key), is_deletion)
    else:
        out[key] = value


def _take(out: Map, key: str, value: Any) -> None:
    """The patch's value as it is, without directives and nulls; a value that is a directive leaves nothing."""
    plain = plain_value(value)
    if plain is None:
        out.pop(key, None)
    else:
        out[key] = plain


def merge_list(original: list[Any], patch: list[Any], meta: PatchMeta, is_deletion: bool) -> list[Any]:
    """Two lists under the field's strategy (upstream: mergeSliceHandler)."""
    if meta.strategy == "merge" or is_deletion:
        return lists.merge_items(original, patch, meta, is_deletion, merge_map)
    return patch


def _merge_ordered_lists(out: Map, todo: Map, schema: Schema | None) -> None:
    """Merge the lists that have a `$setElementOrder`, and take both out of `todo`. (mergePatchIntoOriginal)"""
    for key in [key for key in todo if key.startswith(SET_ELEMENT_ORDER)]:
        wanted = todo.pop(key)
        if not isinstance(wanted, list):
            raise bad_arg_type(list, wanted)
        name = directed_key(key, SET_ELEMENT_ORDER, BAD_SET_ELEMENT_ORDER)
        original = _list_at(out, name)
        patch = _list_at(todo, name)
        meta = lookup_list(schema, name)
        order.check_patch_against_order(patch or [], wanted, meta.merge_key)
        if original is None and patch is None:
            continue
        merged = _merged(original, patch, meta)
        patched, server_only = order.partition(merged, wanted, meta.merge_key)
        maps = order.element_type(original or [], patch or []) is dict
        out[name] = order.normalize(patched, server_only, wanted, original or [], meta.merge_key, maps)
        todo.pop(name, None)


def _merged(original: list[Any] | None, patch: list[Any] | None, meta: PatchMeta) -> list[Any]:
    if patch is None:
        return original or []
    if original is None:
        return without_directives(patch)
    return merge_list(original, patch, meta, is_deletion=False)


def _list_at(obj: Map, name: str) -> list[Any] | None:
    if name not in obj:
        return None
    value = obj[name]
    if not isinstance(value, list):
        raise bad_arg_type(list, value)
    return value
