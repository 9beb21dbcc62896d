"""The current entries of one resource, by key and in key order; next: `listing.py`.

Keys of one namespace are neighbours, so listing a namespace costs what it holds, not what the resource holds.
"""

from __future__ import annotations

from collections.abc import Iterable

from kubern.storage.cacher.entry import Entry
from kubern.storage.sorted_keys import SortedKeys


class Index:
    """Entries by key; `keys` has the same keys in order."""

    __slots__ = ("entries", "keys")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries = {entry.key: entry for entry in entries}
        self.keys = SortedKeys(self.entries)

    def set(self, entry: Entry) -> Entry | None:
        """Insert or replace; the entry that was there."""
        prev = self.entries.get(entry.key)
        self.entries[entry.key] = entry
        if prev is None:
            self.keys.add(entry.key)
        return prev

    def remove(self, key: str) -> Entry | None:
        """The removed entry, None when there was none."""
        prev = self.entries.pop(key, None)
        if prev is not None:
            self.keys.remove(key)
        return prev

    def slice(self, start: str, end: str) -> list[Entry]:
        """Entries of [start, end) in key order."""
        return list(map(self.entries.__getitem__, self.keys.slice(start, end)))
