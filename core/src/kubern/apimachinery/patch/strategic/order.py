"""The order of a merged list: the patch's items in the patch's order, the server's in theirs, interleaved.

Next: `merge.py`, which also uses this for `$setElementOrder`.
"""

from __future__ import annotations

import functools
from typing import Any

from kubern.apimachinery.patch.strategic.directives import DELETE, PATCH, SET_ELEMENT_ORDER
from kubern.apimachinery.patch.strategic.errors import (
    NO_LIST_OF_LISTS,
    StrategicPatchError,
    bad_arg_type,
    no_merge_key,
)
from kubern.util.goprint import print_value

Items = list[Any]


def same(a: Any, b: Any) -> bool:
    """Equality of scalars as Go's: a bool is no number, an int no float."""
    return type(a) is type(b) and bool(a == b)


def element_type(*lists: Items) -> type:
    """The one type of all items. Raises StrategicPatchError for lists of lists, mixed items and no items."""
    kinds = list(dict.fromkeys(type(item) for items in lists for item in items))
    if not kinds:
        raise StrategicPatchError("no elements in any of the given slices")
    if kinds[0] is list:
        raise StrategicPatchError(NO_LIST_OF_LISTS)
    if len(kinds) > 1:
        raise StrategicPatchError(f"list element types are not identical: {print_value(list(lists))}")
    return kinds[0]


def find(items: Items, merge_key: str, value: Any) -> int:
    """The index of the map whose `merge_key` is `value`, -1 when there is none."""
    for i, item in enumerate(items):
        if not isinstance(item, dict):
            raise StrategicPatchError(f"value for key {i} is not a map.")
        if merge_key in item and same(item[merge_key], value):
            return i
    return -1


def partition(items: Items, by: Items, merge_key: str) -> tuple[Items, Items]:
    """The items that occur in `by`, and those that do not; compared by merge key, or whole without one."""
    inside: Items = []
    outside: Items = []
    for item in items:
        if merge_key:
            known = find(by, merge_key, key_of(item, merge_key)) >= 0
        else:
            known = any(same(item, other) for other in by)
        (inside if known else outside).append(item)
    return inside, outside


def key_of(item: Any, merge_key: str) -> Any:
    """The merge key's value. Raises StrategicPatchError when the item is no map or lacks it."""
    if not isinstance(item, dict):
        raise bad_arg_type(dict, item)
    if merge_key not in item:
        raise no_merge_key(item, merge_key)
    return item[merge_key]


def normalize(
    patched: Items, server_only: Items, patch_order: Items, server_order: Items, key: str, maps: bool
) -> Items:
    """`patched` in `patch_order` and `server_only` in `server_order`, merged by the places in `server_order`."""
    left = _sorted(server_only, server_order, key, maps)
    right = _sorted(patched, patch_order, key, maps)
    out: Items = []
    i = j = 0
    while i < len(left) and j < len(right):
        place_left = _index(server_order, left[i], key, maps)
        place_right = _index(server_order, right[j], key, maps)
        if 0 <= place_left < place_right:
            out.append(left[i])
            i += 1
        else:
            out.append(right[j])
            j += 1
    return out + left[i:] + right[j:]


def _index(items: Items, wanted: Any, key: str, maps: bool) -> int:
    value = wanted.get(key) if maps else wanted
    for i, item in enumerate(items):
        candidate = (item.get(key) if isinstance(item, dict) else None) if maps else item
        if same(candidate, value):
            return i
    return -1


def _sorted(items: Items, order: Items, key: str, maps: bool) -> Items:
    deleted: Items = []
    if maps:
        for listed in (items, order):
            for item in listed:
                key_of(item, key)
        items, deleted = split_deletions(items)
    places = [_index(order, item, key, maps) for item in items]
    if -1 not in places:
        return [items[i] for i in sorted(range(len(items)), key=places.__getitem__)] + deleted

    def compare(i: int, j: int) -> int:
        both = places[i] >= 0 and places[j] >= 0
        return places[i] - places[j] if both else -1

    return [items[i] for i in sorted(range(len(items)), key=functools.cmp_to_key(compare))] + deleted


def split_deletions(items: Items) -> tuple[Items, Items]:
    """The items to keep, and those marked `$patch: delete`."""
    kept: Items = []
    deleted: Items = []
    for item in items:
        if not isinstance(item, dict):
            raise bad_arg_type(dict, item)
        (deleted if item.get(PATCH) == DELETE else kept).append(item)
    return kept, deleted


def check_patch_against_order(patch: Items, order: Items, merge_key: str) -> None:
    """The patch's items must occur in `$setElementOrder` in the same order. Raises StrategicPatchError."""
    if not order or not patch:
        return
    items = split_deletions(patch)[0] if merge_key else patch
    i = j = 0
    while i < len(items) and j < len(order):
        if isinstance(items[i], dict) and PATCH in items[i]:
            i += 1
            continue
        if merge_key:
            equal = same(key_of(items[i], merge_key), key_of(order[j], merge_key))
        else:
            equal = same(items[i], order[j])
        i += equal
        j += 1
    if i < len(items):
        raise StrategicPatchError(
            f"The order in patch list:\n{print_value(patch)}\n"
            f" doesn't match {SET_ELEMENT_ORDER} list:\n{print_value(order)}\n"
        )
