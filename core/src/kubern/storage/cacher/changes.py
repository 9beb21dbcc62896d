"""What happened to an object, and how watchers are told; next: `history.py`, `watcher.py`.

A `Change` is one store event in terms of entries. A `WatchEvent` is what one kind of watcher sees of it: an
object that moves into a selection is ADDED for that watcher, one that moves out is DELETED. Watchers with the
same view share one WatchEvent, and with it the encoded frames kept in it.
"""

from __future__ import annotations

from typing import Any, Literal

from kubern.storage.cacher.entry import Entry
from kubern.storage.cacher.predicate import Selection

EventType = Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]


class WatchEvent:
    """One event of a watch stream.

    `entry` is None for bookmarks. `encoded` keeps the finished frame per media type and version for the next
    watcher; the watch writer fills it, and whoever shows the event differently keeps that here, too.
    """

    __slots__ = ("encoded", "entry", "initial_events_end", "rev", "type")

    def __init__(self, type: EventType, entry: Entry | None, rev: int, initial_events_end: bool = False) -> None:
        self.type = type
        self.entry = entry
        self.rev = rev
        self.initial_events_end = initial_events_end
        self.encoded: dict[Any, Any] = {}

    def __repr__(self) -> str:
        return f"<{self.type} {self.entry.key if self.entry else ''} at {self.rev}>"


class Change:
    """One create, update (`entry` and `prev`) or delete (`entry` None) at revision `rev`."""

    __slots__ = ("_added", "_deleted", "_modified", "entry", "name", "namespace", "prev", "rev", "time")

    def __init__(self, entry: Entry | None, prev: Entry | None, rev: int, time: float) -> None:
        known = entry or prev
        assert known is not None
        self.namespace = known.namespace
        self.name = known.name
        self.entry = entry
        self.prev = prev
        self.rev = rev
        self.time = time
        self._added: WatchEvent | None = None
        self._modified: WatchEvent | None = None
        self._deleted: WatchEvent | None = None

    @property
    def key(self) -> str:
        known = self.entry or self.prev
        assert known is not None
        return known.key

    def event(self, selection: Selection) -> WatchEvent | None:
        """What a watcher of this selection sees, None when nothing."""
        entry, prev = self.entry, self.prev
        if selection.labels is None and selection.fields is None:
            now, before = entry is not None, prev is not None
        else:
            now = entry is not None and selection.matches(entry)
            before = prev is not None and selection.matches(prev)
        if now:
            return self.as_modified() if before else self.as_added()
        return self.as_deleted() if before else None

    def as_added(self) -> WatchEvent:
        event = self._added
        if event is None:
            event = self._added = WatchEvent("ADDED", self.entry, self.rev)
        return event

    def as_modified(self) -> WatchEvent:
        event = self._modified
        if event is None:
            event = self._modified = WatchEvent("MODIFIED", self.entry, self.rev)
        return event

    def as_deleted(self) -> WatchEvent:
        """The last content that was selected, under the revision at which it went."""
        event = self._deleted
        if event is None:
            assert self.prev is not None
            event = self._deleted = WatchEvent("DELETED", self.prev.at_revision(self.rev), self.rev)
        return event
