"""Following a store behind a network: list, watch, and list again when the watch is lost.

Upstream: client-go's reflector inside cacher.go. Reads that must be current wait here until a progress
notification or an event shows that the cache has caught up. Next: `follow.py`.
"""

from __future__ import annotations

import asyncio
import logging
from bisect import insort

from kubern.storage.cacher.follow import WAIT_SECONDS, Sink
from kubern.storage.errors import NotReady, StorageError, TooLargeResourceVersion
from kubern.storage.interface import KV, Store, Watcher
from kubern.storage.keys import key_after, prefix_end

log = logging.getLogger(__name__)

_PAGE = 10_000
_PROGRESS_PERIOD = 0.1
_START_SECONDS = 10.0
_MAX_BACKOFF = 10.0


class RemoteFollower:
    """Keeps a cache close behind a store; owns one background task."""

    def __init__(self, store: Store, prefix: str, sink: Sink) -> None:
        self._store = store
        self._prefix = prefix
        self._sink = sink
        self._revision = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._tickets = 0
        self._watcher: Watcher | None = None
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def revision(self) -> int:
        return self._revision

    async def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._follow(), name=f"watch-cache {self._prefix}")
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self._ready.wait()
        except TimeoutError:
            raise NotReady(f"the watch cache of {self._prefix} has not finished its first list") from None

    async def catch_up(self) -> None:
        await self.wait_for(await self._store.current_revision())

    async def wait_for(self, rev: int) -> None:
        if self._revision >= rev:
            return
        reached = asyncio.get_running_loop().create_future()
        self._tickets += 1
        insort(self._waiting, (rev, self._tickets, reached))
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while not reached.done():
                    if self._watcher is not None:
                        await self._watcher.request_progress()
                    await asyncio.wait((reached,), timeout=_PROGRESS_PERIOD)
        except TimeoutError:
            raise TooLargeResourceVersion(rev, self._revision) from None
        finally:
            self._waiting = [waiting for waiting in self._waiting if waiting[2] is not reached]

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    # -- the task

    async def _follow(self) -> None:
        backoff = 0.1
        while True:
            try:
                await self._list()
                backoff = 0.1
                await self._watch()
                error: StorageError = NotReady("the watch ended")
            except StorageError as caught:
                error = caught
            log.info("watch cache of %s starts again: %s", self._prefix, error)
            self._ready.clear()
            self._sink.lose(error)
            await asyncio.sleep(backoff)
            backoff = min(backoff * 2, _MAX_BACKOFF)

    async def _list(self) -> None:
        start, end = self._prefix, prefix_end(self._prefix)
        page = await self._store.range(start, end, limit=_PAGE)
        rev, kvs = page.rev, list[KV](page.kvs)
        while page.more:
            page = await self._store.range(key_after(kvs[-1].key), end, limit=_PAGE, rev=rev)
            kvs += page.kvs
        self._sink.replace(kvs, rev)
        self._advance(rev)
        self._ready.set()

    async def _watch(self) -> None:
        watcher = await self._store.watch(self._prefix, prefix_end(self._prefix), after=self._revision)
        self._watcher = watcher
        try:
            async for events, rev in watcher:
                if events:
                    self._sink.receive(events, rev)
                self._advance(rev)
        finally:
            self._watcher = None
            await watcher.aclose()

    def _advance(self, rev: int) -> None:
        self._revision = rev
        while self._waiting and self._waiting[0][0] <= rev:
            reached = self._waiting.pop(0)[2]
            if not reached.done():
                reached.set_result(None)
