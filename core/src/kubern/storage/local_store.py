"""What the stores that live in this process share: all of `interface.py` except making writes durable.

`MemoryStore` and `SqliteStore` supply `_commit` and friends. Next: `memory.py`, then `sqlite/store.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from kubern.storage.errors import Conflict, StoreFailed, Unavailable, ValueTooLarge
from kubern.storage.feeds import Feed
from kubern.storage.interface import KV, MAX_REQUEST_BYTES, Event, EventSink, Page, Watcher
from kubern.storage.local_leases import Leases
from kubern.storage.local_watch import LocalWatcher
from kubern.storage.state import State


class LocalStoreBase:
    """Reads from memory, compare-and-swap, watches and leases on top of one State."""

    def __init__(self) -> None:
        self.state = State()
        self.leases = Leases(self._end_lease)
        self._refusal: Unavailable | None = None

    # -- what a subclass decides

    def _latest(self, key: str) -> KV | None:
        """The value the next write of `key` replaces."""
        return self.state.current.get(key)

    def _next_revision(self) -> int:
        return self.state.revision + 1

    async def _settled(self, key: str = "") -> None:
        """Returns when no write (of `key`, if given) is on its way to disk."""

    async def _commit(self, event: Event) -> None:
        """Make the event durable, then visible; return after both."""
        self._submit(event)

    def _submit(self, event: Event) -> None:
        """`_commit` without anyone waiting for it."""
        self.state.apply([event])
        self._limit_history()

    def _compact(self, rev: int) -> None:
        self.state.compact(rev)

    def _record_lease(self, lease: int, ttl: int) -> None:
        """Make a lease durable with the next commit; `ttl` 0 forgets it."""

    # -- writes

    async def put(self, key: str, value: bytes, *, expect: int | None, lease: int = 0) -> KV:
        self._check_open()
        if len(key) + len(value) > MAX_REQUEST_BYTES:
            raise ValueTooLarge
        current = self._latest(key)
        if expect is not None and (current.mod_rev if current is not None else 0) != expect:
            await self._refuse(key, current)
        if lease:
            self.leases.ttl(lease)
        rev = self._next_revision()
        if current is None:
            kv = KV(key, value, rev, rev, 1, lease)
        else:
            kv = KV(key, value, rev, current.create_rev, current.version + 1, lease)
        await self._commit(Event(rev, key, kv, current))
        return kv

    async def delete(self, key: str, *, expect: int | None) -> tuple[KV | None, int]:
        self._check_open()
        current = self._latest(key)
        if expect is not None and (current.mod_rev if current is not None else 0) != expect:
            await self._refuse(key, current)
        if current is None:
            await self._settled(key)
            return None, self.state.revision
        rev = self._next_revision()
        await self._commit(Event(rev, key, None, current))
        return current, rev

    async def _refuse(self, key: str, current: KV | None) -> None:
        """Raises Conflict, but not before the value that won is durable."""
        await self._settled(key)
        raise Conflict(key, current, self.state.revision)

    # -- reads

    @property
    def revision(self) -> int:
        return self.state.revision

    async def get(self, key: str, *, rev: int = 0, serializable: bool = False) -> tuple[KV | None, int]:
        self._check_open()
        return self.state.get(key, rev), self.state.revision

    async def range(
        self,
        start: str,
        end: str,
        *,
        limit: int = 0,
        rev: int = 0,
        keys_only: bool = False,
        serializable: bool = False,
    ) -> Page:
        self._check_open()
        page = self.state.range(start, end, limit, rev)
        if keys_only:
            return page._replace(kvs=[kv._replace(value=b"") for kv in page.kvs])
        return page

    async def count(self, start: str, end: str) -> int:
        self._check_open()
        return self.state.keys.count(start, end)

    async def current_revision(self) -> int:
        self._check_open()
        return self.state.revision

    # -- following

    async def watch(self, start: str, end: str, *, after: int, prev: bool = True) -> Watcher:
        self._check_open()
        return LocalWatcher(self.state, start, end, after, prev)

    def subscribe(
        self, start: str, end: str, sink: EventSink, failed: Callable[[BaseException], None]
    ) -> tuple[list[KV], int, Callable[[], None]]:
        self._check_open()
        page = self.state.range(start, end)
        return page.kvs, page.rev, self.state.feeds.add(Feed(start, end, sink, failed))

    # -- history and leases

    async def compact(self, rev: int) -> None:
        self._check_open()
        self._compact(rev)

    async def lease_grant(self, ttl: int) -> int:
        self._check_open()
        lease = self.leases.new_id()
        self.leases.add(lease, ttl)
        self._record_lease(lease, ttl)
        await self._settled()
        return lease

    async def lease_keepalive(self, lease: int) -> int:
        self._check_open()
        return self.leases.keepalive(lease)

    async def lease_revoke(self, lease: int) -> None:
        self._check_open()
        self.leases.ttl(lease)
        self._end_lease(lease)
        await self._settled()

    def _end_lease(self, lease: int) -> None:
        self.leases.drop(lease)
        for key in sorted(self.state.lease_keys.get(lease, ())):
            current = self._latest(key)
            if current is not None and current.lease == lease:
                self._submit(Event(self._next_revision(), key, None, current))
        self._record_lease(lease, 0)

    def _limit_history(self) -> None:
        cut = self.state.overflow()
        if cut:
            self._compact(cut)

    # -- life

    async def healthy(self) -> None:
        self._check_open()

    async def close(self) -> None:
        self._stop(StoreFailed("the store is closed"))

    def _stop(self, reason: Unavailable) -> None:
        """Refuse everything from now on and end every watch."""
        if self._refusal is None:
            self._refusal = reason
            self.leases.stop()
            self.state.feeds.fail(reason)

    def _check_open(self) -> None:
        if self._refusal is not None:
            raise self._refusal.with_traceback(None)
