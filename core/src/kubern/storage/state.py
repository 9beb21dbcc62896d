"""The in-memory state of a store that lives in this process: current values, history, followers.

`memory.py` and `sqlite/store.py` decide when a change is durable and then `apply` it here; every read, old
revisions included, is answered here. The history is the log of events after `compact_rev`; a read in the
past undoes the log backwards. Next: `feeds.py`, how followers get their events.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice

from kubern.storage.as_of import count_as_of, values_as_of
from kubern.storage.errors import Compacted, FutureRevision
from kubern.storage.feeds import Feeds
from kubern.storage.interface import KV, Event, Page
from kubern.storage.sorted_keys import SortedKeys

MAX_LOG_EVENTS = 50_000
MAX_LOG_BYTES = 64 << 20
"""History is cut, whatever its age, when it holds more events or more bytes of superseded values."""


class State:
    """Everything known about the keys; all methods are synchronous and belong to the event loop."""

    def __init__(self) -> None:
        self.current: dict[str, KV] = {}
        self.keys = SortedKeys()
        self.log: deque[Event] = deque()
        self.log_bytes = 0
        self.revision = 1
        self.compact_rev = 0
        self.lease_keys: dict[int, set[str]] = {}
        self.feeds = Feeds()

    def load(self, current: dict[str, KV], log: Iterable[Event], revision: int, compact_rev: int) -> None:
        """Take over what a durable store read from disk."""
        self.current = current
        self.keys = SortedKeys(current)
        self.log = deque(log)
        self.log_bytes = sum(_superseded(event) for event in self.log)
        self.revision = revision
        self.compact_rev = compact_rev
        for kv in current.values():
            if kv.lease:
                self.lease_keys.setdefault(kv.lease, set()).add(kv.key)

    def apply(self, events: list[Event]) -> None:
        """Make durable events visible, then tell the followers."""
        for event in events:
            self._apply_one(event)
        self.revision = events[-1].rev
        self.feeds.publish(events, self.revision)

    def _apply_one(self, event: Event) -> None:
        key, kv, prev = event.key, event.kv, event.prev
        if prev is not None and prev.lease:
            self._detach(key, prev.lease)
        if kv is None:
            del self.current[key]
            self.keys.remove(key)
        else:
            if prev is None:
                self.keys.add(key)
            self.current[key] = kv
            if kv.lease:
                self.lease_keys.setdefault(kv.lease, set()).add(key)
        self.log.append(event)
        self.log_bytes += _superseded(event)

    def _detach(self, key: str, lease: int) -> None:
        keys = self.lease_keys.get(lease)
        if keys is not None:
            keys.discard(key)
            if not keys:
                del self.lease_keys[lease]

    # -- reads

    def check_revision(self, rev: int) -> None:
        """Raises Compacted or FutureRevision when `rev` cannot be read."""
        if rev > self.revision:
            raise FutureRevision(rev, self.revision)
        if rev < self.compact_rev:
            raise Compacted(self.compact_rev)

    def get(self, key: str, rev: int = 0) -> KV | None:
        if not rev or rev == self.revision:
            return self.current.get(key)
        self.check_revision(rev)
        return self._undo(rev, key, key + "\0").get(key, self.current.get(key))

    def range(self, start: str, end: str, limit: int = 0, rev: int = 0) -> Page:
        if not rev or rev == self.revision:
            return self._range_current(start, end, limit)
        self.check_revision(rev)
        past = self._undo(rev, start, end)
        total = count_as_of(self.keys, self.current, past, start, end)
        kvs = list(islice(values_as_of(self.keys, self.current, past, start, end), limit or None))
        return Page(kvs, rev, len(kvs) < total, total)

    def _range_current(self, start: str, end: str, limit: int) -> Page:
        current = self.current
        if not limit:
            kvs = [current[key] for key in self.keys.slice(start, end)]
            return Page(kvs, self.revision, False, len(kvs))
        total = self.keys.count(start, end)
        kvs = [current[key] for key in islice(self.keys.iterate(start, end), limit)]
        return Page(kvs, self.revision, len(kvs) < total, total)

    def _undo(self, rev: int, start: str, end: str) -> dict[str, KV | None]:
        """What the keys of a range that changed after `rev` held at `rev`."""
        past: dict[str, KV | None] = {}
        for event in reversed(self.log):
            if event.rev <= rev:
                break
            if start <= event.key < end:
                past[event.key] = event.prev
        return past

    def events_after(self, after: int, start: str, end: str) -> list[Event]:
        """Remembered events of a range with a revision above `after`. Raises Compacted."""
        if after < self.compact_rev:
            raise Compacted(self.compact_rev)
        newer: list[Event] = []
        for event in reversed(self.log):
            if event.rev <= after:
                break
            if start <= event.key < end:
                newer.append(event)
        newer.reverse()
        return newer

    # -- history

    def compact(self, rev: int) -> list[int]:
        """Forget events up to `rev`; the revisions of the superseded rows, for whoever keeps rows."""
        if rev > self.revision:
            raise FutureRevision(rev, self.revision)
        if rev <= self.compact_rev:
            return []
        log = self.log
        garbage: list[int] = []
        while log and log[0].rev <= rev:
            event = log.popleft()
            self.log_bytes -= _superseded(event)
            if event.prev is not None:
                garbage.append(event.prev.mod_rev)
            if event.kv is None:
                garbage.append(event.rev)
        self.compact_rev = rev
        return garbage

    def overflow(self) -> int:
        """The revision to compact to because the history is too large, 0 when it is not."""
        if len(self.log) <= MAX_LOG_EVENTS and self.log_bytes <= MAX_LOG_BYTES:
            return 0
        keep_events, keep_bytes = MAX_LOG_EVENTS // 2, MAX_LOG_BYTES // 2
        events, held = len(self.log), self.log_bytes
        for event in self.log:
            events -= 1
            held -= _superseded(event)
            if events <= keep_events and held <= keep_bytes:
                return event.rev
        return self.revision


def _superseded(event: Event) -> int:
    return len(event.prev.value) if event.prev is not None else 0
