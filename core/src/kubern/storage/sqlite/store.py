"""The embedded store: writes decided on the event loop, made durable in groups; next: `writer.py`.

A write is checked against the newest value, durable or not (the pending overlay), gets its revision and
joins the batch being collected. One batch is on its way to disk at a time; those that arrive meanwhile form
the next one. When a batch is on disk its events are published in order and its writers are woken.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Literal, Self

from kubern.storage.errors import StoreFailed, Unavailable, Uncertain
from kubern.storage.interface import KV, Event
from kubern.storage.local_store import LocalStoreBase
from kubern.storage.sqlite.writer import Batch, Writer

_TRIMS_PER_COMMIT = 500
_TRIM_PAUSE = 0.02

# A busy event loop can keep the GIL from the writer thread for seconds: it gives it up around each poll and
# takes it back within microseconds. While a commit lasts, the loop sleeps this long this often on purpose.
_YIELD_EVERY = 0.002
_YIELD_FOR = 100e-6


class SqliteStore(LocalStoreBase):
    """A LocalStore kept in one file; made by `open`."""

    def __init__(self, compaction_interval: float) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._compaction_interval = compaction_interval
        self._writer: Writer
        self._assigned = 0
        self._pending: dict[str, Event] = {}
        self._batch = Batch()
        self._in_flight: Batch | None = None
        self._trims: list[int] = []
        self._compact_rev_due = 0
        self._kick_armed = False
        self._timers: dict[str, asyncio.TimerHandle] = {}

    @classmethod
    async def open(
        cls, directory: Path, *, sync: Literal["full", "normal"] = "full", compaction_interval: float = 300.0
    ) -> Self:
        """Open the data directory, creating it if needed.

        `sync` normal survives a killed process but loses the last writes when the machine loses power.
        History older than one to two `compaction_interval`s (seconds; 0: never) is forgotten. Raises
        StoreLocked when another process has the directory open, StoreFailed when it cannot be read.
        """
        store = cls(compaction_interval)
        store._writer = Writer(directory, sync, store._committed)
        loaded = await store._writer.open()
        store.state.load(loaded.current, loaded.log, loaded.revision, loaded.compact_rev)
        store._assigned = loaded.revision
        store._trims = loaded.garbage
        store.leases.restore(loaded.leases)
        for lease in store.state.lease_keys.keys() - loaded.leases.keys():
            store._end_lease(lease)
        store._arm_kick()
        store._tick(0)
        return store

    # -- writes

    def _latest(self, key: str) -> KV | None:
        pending = self._pending.get(key)
        return pending.kv if pending is not None else self.state.current.get(key)

    def _next_revision(self) -> int:
        return self._assigned + 1

    def _submit(self, event: Event) -> None:
        self._assigned = event.rev
        self._pending[event.key] = event
        self._batch.events.append(event)
        self._arm_kick()

    async def _commit(self, event: Event) -> None:
        self._submit(event)
        done = self._loop.create_future()
        self._batch.waiters.append(done)
        await done

    async def _settled(self, key: str = "") -> None:
        if key and key not in self._pending:
            return
        batch = self._batch or self._in_flight
        if batch is not None:
            done = self._loop.create_future()
            batch.waiters.append(done)
            await done

    def _record_lease(self, lease: int, ttl: int) -> None:
        self._batch.leases[lease] = ttl
        self._arm_kick()

    # -- group commit

    def _arm_kick(self) -> None:
        """Start a commit after this turn of the loop, so that the turn's other writes join it."""
        if not self._kick_armed and self._in_flight is None and self._refusal is None:
            self._kick_armed = True
            self._loop.call_soon(self._kick)

    def _kick(self) -> None:
        self._kick_armed = False
        if self._in_flight is not None:
            return
        batch = self._batch
        if self._trims:
            batch.trims, self._trims = self._trims[:_TRIMS_PER_COMMIT], self._trims[_TRIMS_PER_COMMIT:]
        batch.compact_rev, self._compact_rev_due = self._compact_rev_due, 0
        if not batch:
            return
        self._batch = Batch()
        self._in_flight = batch
        self._writer.commit(batch)
        self._timers["yield"] = self._loop.call_later(_YIELD_EVERY, self._yield_gil)

    def _yield_gil(self) -> None:
        time.sleep(_YIELD_FOR)
        self._timers["yield"] = self._loop.call_later(_YIELD_EVERY, self._yield_gil)

    def _committed(self, batch: Batch, error: BaseException | None) -> None:
        self._timers.pop("yield").cancel()
        self._in_flight = None
        if error is not None:
            self._fail(batch, error)
            return
        for event in batch.events:
            if self._pending.get(event.key) is event:
                del self._pending[event.key]
        if batch.events:
            self.state.apply(batch.events)
            self._limit_history()
        for done in batch.waiters:
            if not done.done():
                done.set_result(None)
        if self._batch:
            self._kick()
        elif self._trims or self._compact_rev_due:
            self._timers["trim"] = self._loop.call_later(_TRIM_PAUSE, self._kick)

    def _fail(self, batch: Batch, error: BaseException) -> None:
        """Memory may be ahead of the disk or behind it: nothing can be trusted any more."""
        failure = StoreFailed(f"the data file cannot be written: {error}")
        self._stop(failure)
        _wake(batch.waiters, Uncertain(str(failure)))
        _wake(self._batch.waiters, failure)

    # -- history

    def _compact(self, rev: int) -> None:
        self._trims.extend(self.state.compact(rev))
        self._compact_rev_due = self.state.compact_rev
        self._arm_kick()

    def _tick(self, rev: int) -> None:
        """Compact to where the store was one interval ago."""
        if not self._compaction_interval:
            return
        if rev > self.state.compact_rev:
            self._compact(rev)
        self._timers["compact"] = self._loop.call_later(self._compaction_interval, self._tick, self.state.revision)

    # -- life

    async def size(self) -> int:
        return self._writer.size()

    async def close(self) -> None:
        """Finish the writes under way, then close the file."""
        while self._refusal is None and (self._batch or self._in_flight is not None):
            await self._settled()
        self._stop(StoreFailed("the store is closed"))
        await self._writer.close()

    def _stop(self, reason: Unavailable) -> None:
        super()._stop(reason)
        for timer in self._timers.values():
            timer.cancel()


def _wake(waiters: list[asyncio.Future[None]], error: Exception) -> None:
    for done in waiters:
        if not done.done():
            done.set_exception(error)
