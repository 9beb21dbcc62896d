"""Merging two lists of a strategic patch: scalars as sets, maps by merge key, with `$patch` items."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kubern.apimachinery.patch.strategic import order
from kubern.apimachinery.patch.strategic.directives import DELETE, MERGE, PATCH, REPLACE
from kubern.apimachinery.patch.strategic.errors import StrategicPatchError, bad_patch_type, no_merge_key
from kubern.apimachinery.patch.strategic.metadata import PatchMeta
from kubern.apimachinery.schema.model import Schema

Items = list[Any]
MergeMap = Callable[[dict[str, Any], dict[str, Any], Schema | None], dict[str, Any]]


def merge_items(original: Items, patch: Items, meta: PatchMeta, is_deletion: bool, merge_map: MergeMap) -> Items:
    """`patch` merged into `original`, ordered as upstream does. (upstream: mergeSlice)"""
    if not original and not patch:
        return original
    maps = order.element_type(original, patch) is dict
    if not maps:
        if is_deletion:
            return [item for item in original if not any(order.same(item, gone) for gone in patch)]
        merged = _distinct(original + patch)
    else:
        if not meta.merge_key:
            raise StrategicPatchError("cannot merge lists without merge key for struct")
        original, patch = _handle_special_items(original, patch, meta.merge_key)
        merged = _merge_by_key(original, patch, meta, merge_map)
    patched, server_only = order.partition(merged, patch, meta.merge_key)
    return order.normalize(patched, server_only, patch, original, meta.merge_key, maps)


def _distinct(items: Items) -> Items:
    out: Items = []
    for item in items:
        if not any(order.same(item, seen) for seen in out):
            out.append(item)
    return out


def _handle_special_items(original: Items, patch: Items, merge_key: str) -> tuple[Items, Items]:
    """Carry out items with `$patch`; what is left of both lists. (upstream: mergeSliceWithSpecialElements)"""
    plain: Items = []
    replace = False
    for item in patch:
        if PATCH not in item:
            plain.append(item)
            continue
        directive = item[PATCH]
        if directive == DELETE:
            if merge_key not in item:
                raise no_merge_key(item, merge_key)
            original = _without(original, merge_key, item[merge_key])
        elif directive == REPLACE:
            replace = True
        elif directive == MERGE:
            raise StrategicPatchError("merging lists cannot yet be specified in the patch")
        else:
            raise bad_patch_type(directive, item)
    return (plain, []) if replace else (original, plain)


def _without(items: Items, merge_key: str, value: Any) -> Items:
    return [item for item in items if not (merge_key in item and order.same(item[merge_key], value))]


def _merge_by_key(original: Items, patch: Items, meta: PatchMeta, merge_map: MergeMap) -> Items:
    out = original.copy()
    for item in patch:
        if meta.merge_key not in item:
            raise no_merge_key(item, meta.merge_key)
        place = order.find(out, meta.merge_key, item[meta.merge_key])
        if place >= 0:
            out[place] = merge_map(out[place], item, meta.schema)
        else:
            out.append(item)
    return out
