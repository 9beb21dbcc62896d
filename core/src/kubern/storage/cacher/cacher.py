"""The watch cache of one resource; next: `listing.py` for lists, `watcher.py` for watches.

Upstream: storage/cacher/cacher.go. All reads of a resource are answered here from entries; writes go through
to the store. With a store in this process the cache is updated in the same turn of the event loop in which the
store publishes a commit, before its writer is woken: every read is consistent, and none has to wait.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence

from kubern.storage.cacher.changes import Change, WatchEvent
from kubern.storage.cacher.codec import Attributes, ValueCodec
from kubern.storage.cacher.entry import Entry
from kubern.storage.cacher.fanout import Fanout
from kubern.storage.cacher.follow import Follower, LocalFollower
from kubern.storage.cacher.history import MIN_EVENTS, History
from kubern.storage.cacher.index import Index
from kubern.storage.cacher.listing import ListRequest, ListResult, list_entries
from kubern.storage.cacher.predicate import EVERYTHING, Selection
from kubern.storage.cacher.remote import RemoteFollower
from kubern.storage.cacher.revisions import parse_resource_version
from kubern.storage.cacher.watcher import CacheWatcher
from kubern.storage.errors import CorruptValue
from kubern.storage.interface import KV, Event, LocalStore, Store
from kubern.storage.ttl_leases import LEASE_REUSE_SECONDS, TTLLeases

log = logging.getLogger(__name__)

OnChanges = Callable[[Sequence[Change]], None]


class Cacher:
    """Entries of one resource, kept equal to the store. Starts itself with the first use."""

    def __init__(
        self,
        store: Store,
        codec: ValueCodec,
        *,
        min_events: int = MIN_EVENTS,
        lease_reuse_seconds: int = LEASE_REUSE_SECONDS,
    ) -> None:
        self.store = store
        self.codec = codec
        self.index = Index()
        self.history = History(min_events)
        self._fanout = Fanout()
        self._subscribers: list[OnChanges] = []
        self._leases = TTLLeases(store, lease_reuse_seconds)
        self._own_writes: dict[int, Entry] = {}
        self._ready = False
        self._local = isinstance(store, LocalStore)
        self._follower: Follower
        if isinstance(store, LocalStore):
            self._follower = LocalFollower(store, codec.prefix, self)
        else:
            self._follower = RemoteFollower(store, codec.prefix, self)

    # -- readiness and freshness

    @property
    def revision(self) -> int:
        """The store revision up to which the cache is complete."""
        return self._follower.revision

    @property
    def is_ready(self) -> bool:
        return self._ready

    @property
    def is_local(self) -> bool:
        """Only this process writes to the store."""
        return self._local

    async def ready(self) -> None:
        """Returns when there is content to serve. Raises StorageError."""
        if not self._ready:
            await self._follower.start()

    async def catch_up(self) -> bool:
        """Wait until the cache holds all that was acknowledged before; False when this store cannot tell."""
        if not self._ready:
            await self._follower.start()
        if self._local:
            return True
        if not getattr(self.store, "progress_is_reliable", True):
            return False
        await self._follower.catch_up()
        return True

    async def wait_for(self, rev: int) -> None:
        """Returns when the cache is complete up to `rev`. Raises TooLargeResourceVersion after 3 seconds."""
        if not self._ready:
            await self._follower.start()
        if rev > self._follower.revision:
            await self._follower.wait_for(rev)

    async def close(self) -> None:
        """End all watches and stop following the store."""
        self._end_watches()
        self._ready = False
        await self._follower.close()

    # -- reads

    async def get(self, key: str, resource_version: str = "") -> Entry | None:
        """The entry of a key (`codec.key(namespace, name)`).

        `resource_version` "" is the newest state, "0" any cached one, N one not older than N. Raises
        TooLargeResourceVersion, InvalidResourceVersion.
        """
        if self._ready and self._local and not resource_version:
            return self.index.entries.get(key)
        if resource_version:
            await self.wait_for(parse_resource_version(resource_version))
            return self.index.entries.get(key)
        try:
            await self.ready()
        except CorruptValue:  # of another key, perhaps: this one is looked at by itself
            log.warning("watch cache of %s cannot start, reading %s from the store", self.codec.prefix, key)
        else:
            if self._local:
                return self.index.entries.get(key)
        kv, _ = await self.store.get(key)
        return self.entry_of(kv) if kv is not None else None

    async def list(
        self,
        selection: Selection = EVERYTHING,
        *,
        resource_version: str = "",
        match: str = "",
        limit: int = 0,
        continue_token: str = "",
    ) -> ListResult:
        """Selected entries in key order; see `listing.py::list_entries`."""
        request = ListRequest(resource_version, match, limit, continue_token)
        return await list_entries(self, selection, request)

    def entries(self) -> Mapping[str, Entry]:
        """The live entries by key, for in-process readers; empty before `ready()`."""
        return self.index.entries

    def entry_of(self, kv: KV) -> Entry:
        """The entry of a store value; the cached one when it is the same revision."""
        cached = self.index.entries.get(kv.key)
        if cached is not None and cached.mod_rev == kv.mod_rev:
            return cached
        return self.codec.entry_from_storage(kv.key, kv.mod_rev, kv.value)

    # -- watches

    async def watch(
        self,
        selection: Selection = EVERYTHING,
        *,
        resource_version: str = "",
        send_initial_events: bool | None = None,
        allow_bookmarks: bool = False,
        timeout: float | None = None,
    ) -> CacheWatcher:
        """Events of the selected objects.

        From N: changes after N. From "" or "0": first the current objects as ADDED. `send_initial_events` True
        sends the objects in any case (not older than N) and, with `allow_bookmarks`, a bookmark after them;
        False leaves them out. Raises TooOldResourceVersion, TooLargeResourceVersion, InvalidResourceVersion.
        """
        rev = parse_resource_version(resource_version)
        await self.ready()
        whole_list = send_initial_events is True and allow_bookmarks
        if whole_list or (send_initial_events is False and resource_version == ""):
            rev = await self._agreed_start(rev, resource_version)
        if send_initial_events is True or (send_initial_events is None and rev == 0):
            watcher = self._watch_from_now(selection, whole_list)
        else:
            start = rev or self.revision
            backlog = self.history.since(start, selection.namespace, selection.name)
            watcher = CacheWatcher(selection, max(start, self.revision), backlog=backlog, on_end=self._fanout.remove)
        self._fanout.add(watcher)
        watcher.schedule(timeout, (lambda: self.revision) if allow_bookmarks else None)
        return watcher

    async def _agreed_start(self, rev: int, resource_version: str) -> int:
        """The newest revision when none is asked for; otherwise `rev`, reached."""
        if resource_version == "":
            rev = await self.store.current_revision()
        await self.wait_for(rev)
        return rev

    def _watch_from_now(self, selection: Selection, bookmark: bool) -> CacheWatcher:
        if selection.name and (selection.namespace or not self.codec.namespaced):
            entry = self.index.entries.get(self.codec.key(selection.namespace, selection.name))
            initial = [entry] if entry is not None else []
        else:
            base = self.codec.prefix + (selection.namespace + "/" if selection.namespace else "")
            initial = self.index.slice(base, base[:-1] + "0")
        rev = self.revision
        end = WatchEvent("BOOKMARK", None, rev, initial_events_end=True) if bookmark else None
        return CacheWatcher(selection, rev, initial=initial, initial_bookmark=end, on_end=self._fanout.remove)

    def subscribe(self, on_changes: OnChanges) -> Callable[[], None]:
        """Call `on_changes` with each batch of changes, in the turn they become visible; returns the way out.

        For consumers in this process. They read `entries()` first; after a lost connection to the store they
        get the difference as changes. `on_changes` must be quick and must not raise.
        """
        self._subscribers.append(on_changes)

        def unsubscribe() -> None:
            if on_changes in self._subscribers:
                self._subscribers.remove(on_changes)

        return unsubscribe

    # -- writes

    async def is_stale(self, entry: Entry) -> bool:
        """Whether writing the object again, unchanged, would store it differently (encryption keys were rotated)."""
        transformer = self.codec.transformer
        if transformer is None:
            return False
        kv, _ = await self.store.get(entry.key)
        return kv is not None and transformer.is_stale(kv.value)

    async def create(self, key: str, value: bytes, *, attributes: Attributes | None = None, ttl: int = 0) -> Entry:
        """Store a new object (canonical bytes); Conflict when the key exists. `ttl` in seconds, 0 for ever."""
        return await self._put(key, value, 0, attributes, ttl)

    async def update(
        self, key: str, value: bytes, expect: int, *, attributes: Attributes | None = None, ttl: int = 0
    ) -> Entry:
        """Replace the object whose revision is `expect`; Conflict when it is another. The new entry."""
        return await self._put(key, value, expect, attributes, ttl)

    async def delete(self, key: str, expect: int) -> Entry:
        """Delete the object whose revision is `expect`; its last content under the deletion's revision."""
        await self.ready()
        cached = self.index.entries.get(key)
        kv, rev = await self.store.delete(key, expect=expect)
        if cached is not None and cached.mod_rev == expect:
            return cached.at_revision(rev)
        assert kv is not None
        return self.codec.entry_from_storage(key, rev, kv.value)

    async def _put(self, key: str, value: bytes, expect: int, attributes: Attributes | None, ttl: int) -> Entry:
        await self.ready()
        entry = self.codec.entry(key, 0, value, attributes)
        transformer = self.codec.transformer
        stored = value if transformer is None else transformer.to_storage(key, value)
        lease = await self._leases.lease_for(ttl) if ttl else 0
        self._own_writes[id(stored)] = entry
        try:
            kv = await self.store.put(key, stored, expect=expect, lease=lease)
        finally:
            self._own_writes.pop(id(stored), None)
        entry.mod_rev = kv.mod_rev
        return entry

    # -- what the follower tells (follow.py::Sink)

    def replace(self, kvs: Sequence[KV], rev: int) -> None:
        """The store's complete content: the first one, or a new one after the connection was lost."""
        old = self.index.entries
        self.index = Index([self.entry_of(kv) for kv in kvs])
        self.history.restart(rev)
        self._ready = True
        if old and self._subscribers:
            self._notify(_difference(old, self.index.entries, rev))

    def receive(self, events: Sequence[Event], rev: int) -> None:
        now = time.monotonic()
        changes: list[Change] = []
        try:
            for event in events:
                changes.append(self._change(event, now))
        except CorruptValue as error:
            log.error("watch cache of %s stops: %s", self.codec.prefix, error)
            self.lose(error)
            return
        self._fanout.offer(changes)
        if self._subscribers:
            self._notify(changes)

    def lose(self, error: BaseException) -> None:
        self._ready = False
        self._end_watches()

    def _change(self, event: Event, now: float) -> Change:
        kv = event.kv
        if kv is None:
            entry = None
            prev = self.index.remove(event.key)
        else:
            entry = self._own_writes.pop(id(kv.value), None)
            if entry is None or entry.key != kv.key:
                entry = self.codec.entry_from_storage(kv.key, kv.mod_rev, kv.value)
            else:
                entry.mod_rev = kv.mod_rev
            prev = self.index.set(entry)
        if entry is None and prev is None:  # deleted before it was ever seen
            raise CorruptValue(event.key, "a deletion without a value")
        change = Change(entry, prev, event.rev, now)
        self.history.add(change)
        return change

    def _notify(self, changes: Sequence[Change]) -> None:
        for on_changes in list(self._subscribers):
            try:
                on_changes(changes)
            except Exception:  # one faulty consumer must not stop the store's commit
                log.exception("a subscriber of %s failed", self.codec.prefix)

    def watchers(self) -> Sequence[CacheWatcher]:
        """The watches that are open."""
        return tuple(self._fanout)

    def _end_watches(self) -> None:
        for watcher in self._fanout:
            watcher.stop()


def _difference(old: Mapping[str, Entry], new: Mapping[str, Entry], rev: int) -> list[Change]:
    """Changes that lead from one content to another, deletions first."""
    now = time.monotonic()
    gone = [Change(None, entry, rev, now) for key, entry in old.items() if key not in new]
    changed = [
        Change(entry, old.get(key), entry.mod_rev, now)
        for key, entry in new.items()
        if key not in old or old[key].mod_rev != entry.mod_rev
    ]
    return gone + sorted(changed, key=lambda change: change.rev)
