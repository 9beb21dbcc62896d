"""The recent changes of one resource: what late watches catch up from and old pages are rebuilt from.

Upstream: the cyclic buffer of watch_cache.go, which keeps at least 75 seconds and at most 102,400 events.
Next: `cacher.py`.
"""

from __future__ import annotations

from collections import deque

from kubern.storage.cacher.changes import Change
from kubern.storage.cacher.entry import Entry
from kubern.storage.errors import TooOldResourceVersion

MIN_EVENTS = 100
MAX_EVENTS = 102_400
MAX_BYTES = 64 << 20
FRESH_SECONDS = 75.0


class History:
    """Changes after revision `floor`, oldest first."""

    def __init__(self, min_events: int = MIN_EVENTS) -> None:
        """At least the last `min_events` changes are remembered, however old."""
        self.floor = 0
        self._min_events = min_events
        self._changes: deque[Change] = deque()
        self._bytes = 0

    def restart(self, rev: int) -> None:
        """Forget everything; the next change comes after `rev`."""
        self.floor = rev
        self._changes.clear()
        self._bytes = 0

    def add(self, change: Change) -> None:
        changes = self._changes
        changes.append(change)
        self._bytes += _size(change)
        if len(changes) <= self._min_events:
            return
        stale = change.time - FRESH_SECONDS
        while len(changes) > self._min_events and (
            changes[0].time < stale or len(changes) > MAX_EVENTS or self._bytes > MAX_BYTES
        ):
            oldest = changes.popleft()
            self._bytes -= _size(oldest)
            self.floor = oldest.rev

    def since(self, rev: int, namespace: str = "", name: str = "") -> list[Change]:
        """Changes of a scope after `rev`. Raises TooOldResourceVersion when some are forgotten."""
        if rev < self.floor:
            raise TooOldResourceVersion(rev, self.floor)
        newer: list[Change] = []
        for change in reversed(self._changes):
            if change.rev <= rev:
                break
            if (not namespace or change.namespace == namespace) and (not name or change.name == name):
                newer.append(change)
        newer.reverse()
        return newer

    def before(self, rev: int, start: str, end: str) -> dict[str, Entry | None]:
        """What the keys of [start, end) that changed after `rev` held at `rev` (None: nothing)."""
        past: dict[str, Entry | None] = {}
        for change in reversed(self._changes):
            if change.rev <= rev:
                break
            if start <= change.key < end:
                past[change.key] = change.prev
        return past


def _size(change: Change) -> int:
    return len(change.prev.value) if change.prev is not None else 0
