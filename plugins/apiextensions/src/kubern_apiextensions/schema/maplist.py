"""Lists of type map: items found by the values of their keys (upstream: cel/common/maplist.go).

Next: `validation/correlation.py` and `rules.py`, which pair old items with new ones.
"""

from __future__ import annotations

from typing import Any

from kubern_apiextensions.schema.structural import LIST_MAP_KEYS, LIST_TYPE, Schema, items, properties

Item = dict[str, Any]
_MISSING = object()


def key_defaults(schema: Schema) -> list[tuple[str, Any]]:
    """The key fields of a map list with their defaults (missing ones marked)."""
    declared = properties(items(schema) or {})
    return [(name, declared.get(name, {}).get("default", _MISSING)) for name in schema.get(LIST_MAP_KEYS, ())]


def item_key(item: Item, keys: list[tuple[str, Any]]) -> tuple[Any, ...]:
    """What identifies an item; values of different types differ."""
    values = []
    for name, default in keys:
        value = item.get(name, default)
        if value.__class__ in (dict, list):
            value = repr(value)
        values.append((value.__class__, value))
    return tuple(values)


class MapList:
    """The items of a list by key; empty for lists of another type. Of equal keys the first item counts."""

    __slots__ = ("_by_key", "_keys")

    def __init__(self, schema: Schema, items: list[Any] | None) -> None:
        self._keys = key_defaults(schema)
        self._by_key: dict[tuple[Any, ...], Item] = {}
        if schema.get(LIST_TYPE) != "map" or not self._keys:
            return
        for item in items or ():
            if isinstance(item, dict):
                self._by_key.setdefault(item_key(item, self._keys), item)

    def get(self, item: Any) -> Item | None:
        """The item with the same key values as `item`."""
        if not self._by_key or not isinstance(item, dict):
            return None
        return self._by_key.get(item_key(item, self._keys))
