"""Pairing the parts of a new object with those of the old one, which ratcheting needs.

Upstream: apiserver/pkg/cel/common.CorrelatedObject. Map fields pair by name and items of map lists by their
keys; items of other lists do not pair. Next: `errors.py` and `../rules.py`, which ratchet.
"""

from __future__ import annotations

from typing import Any

from kubern_apiextensions.schema.maplist import MapList
from kubern_apiextensions.schema.structural import LIST_TYPE, Schema, child_schema, items


class Correlation:
    """A value, its predecessor and the schema of both; children are made when asked for."""

    __slots__ = ("_children", "_equal", "_old_items", "new", "old", "schema")

    def __init__(self, new: Any, old: Any, schema: Schema) -> None:
        self.new = new
        self.old = old
        self.schema = schema
        self._children: dict[str | int, Correlation | None] = {}
        self._equal: bool | None = None
        self._old_items: MapList | None = None

    def key(self, name: str) -> Correlation | None:
        """The pair at field `name`; None when it is missing on one side or has no schema."""
        if name not in self._children:
            self._children[name] = self._find_key(name)
        return self._children[name]

    def _find_key(self, name: str) -> Correlation | None:
        new, old = self.new, self.old
        if not (isinstance(new, dict) and isinstance(old, dict) and name in new and name in old):
            return None
        schema = child_schema(self.schema, name)
        return None if schema is None else Correlation(new[name], old[name], schema)

    def index(self, index: int) -> Correlation | None:
        """The pair of the new item at `index`; only items of map lists have one."""
        if index not in self._children:
            self._children[index] = self._find_index(index)
        return self._children[index]

    def _find_index(self, index: int) -> Correlation | None:
        new, old, schema = self.new, self.old, items(self.schema)
        if schema is None or not isinstance(new, list) or not isinstance(old, list) or index >= len(new):
            return None
        if self.schema.get(LIST_TYPE) != "map":
            return None
        if self._old_items is None:
            self._old_items = MapList(self.schema, old)
        found = self._old_items.get(new[index])
        return None if found is None else Correlation(new[index], found, schema)

    @property
    def equal(self) -> bool:
        """Whether nothing changed here, as far as the pairs reach."""
        if self._equal is None:
            self._equal = self._compare()
        return self._equal

    def _compare(self) -> bool:
        new, old = self.new, self.old
        if new is None or old is None:
            return new is old
        if isinstance(new, list) and isinstance(old, list):
            return len(new) == len(old) and self._compare_lists(new, old)
        if isinstance(new, dict) and isinstance(old, dict):
            return len(new) == len(old) and all(is_unchanged(self.key(name)) for name in new)
        return new.__class__ is old.__class__ and bool(new == old)

    def _compare_lists(self, new: list[Any], old: list[Any]) -> bool:
        if self.schema.get(LIST_TYPE) != "map" or items(self.schema) is None:
            return new == old
        return all(is_unchanged(self.index(i)) for i in range(len(new)))


def is_unchanged(pair: Correlation | None) -> bool:
    """Whether there is a pair and its sides are equal."""
    return pair is not None and pair.equal
