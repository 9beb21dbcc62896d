"""One watch: what is already known, then what happens, in a bounded queue; next: `fanout.py`.

Upstream: cache_watcher.go. The watch cache pushes changes in, the watch writer takes batches out. A reader
that lets the queue fill up is cut off, as upstream does: it starts again with a list.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Self

from kubern.storage.cacher.changes import Change, WatchEvent
from kubern.storage.cacher.entry import Entry
from kubern.storage.cacher.predicate import Selection

QUEUE_LIMIT = 1_000
INITIAL_QUEUE_LIMIT = 10_000
"""While the initial state is still being sent, more is allowed to pile up behind it."""

BOOKMARK_PERIOD = 60.0
BOOKMARK_BEFORE_TIMEOUT = 2.0
_CHUNK = 256


class CacheWatcher:
    """An async iterator of non-empty lists of events; ends when the watch ends, for whatever reason.

    Made by `cacher.py::Cacher.watch`. `cut_off` says that it ended because its reader was too slow.
    """

    def __init__(
        self,
        selection: Selection,
        start: int,
        *,
        initial: Sequence[Entry] = (),
        backlog: Sequence[Change] = (),
        initial_bookmark: WatchEvent | None = None,
        on_end: Callable[[CacheWatcher], None],
    ) -> None:
        self.selection = selection
        self.cut_off = False
        self._start = start
        self._unselective = selection.everything
        self._first = self._catch_up(initial, backlog, initial_bookmark)
        self._catching_up = True
        self._queue: list[WatchEvent] = []
        self._limit = INITIAL_QUEUE_LIMIT
        self._on_end = on_end
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False
        self._timers: dict[str, asyncio.TimerHandle] = {}

    # -- what the cache calls

    def offer(self, change: Change) -> None:
        """A change in this watcher's scope; ignored when it does not concern the selection."""
        if change.rev <= self._start:
            return
        if self._unselective and change.entry is not None and change.prev is not None:
            event: WatchEvent | None = change.as_modified()
        else:
            event = change.event(self.selection)
        if event is not None:
            self._push(event)

    def _push(self, event: WatchEvent) -> None:
        queue = self._queue
        queue.append(event)
        if len(queue) > self._limit:
            self.cut_off = True
            queue.clear()
            self.stop()
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def schedule(self, timeout: float | None, revision: Callable[[], int] | None) -> None:
        """End after `timeout` seconds; with `revision`, send bookmarks each minute and before the end."""
        loop = asyncio.get_running_loop()
        if timeout is not None:
            self._timers["end"] = loop.call_later(timeout, self.stop)
        if revision is None:
            return
        if timeout is not None and timeout > BOOKMARK_BEFORE_TIMEOUT:
            last = timeout - BOOKMARK_BEFORE_TIMEOUT
            self._timers["last"] = loop.call_later(last, lambda: self._bookmark(revision()))
        self._bookmark_later(loop, revision)

    def _bookmark_later(self, loop: asyncio.AbstractEventLoop, revision: Callable[[], int]) -> None:
        def fire() -> None:
            self._bookmark(revision())
            if not self._ended:
                self._bookmark_later(loop, revision)

        # not all watchers that were opened in one moment in one later moment
        self._timers["bookmark"] = loop.call_later(BOOKMARK_PERIOD * random.uniform(0.95, 1.0), fire)

    def _bookmark(self, rev: int) -> None:
        if not self._ended and rev >= self._start:
            self._push(WatchEvent("BOOKMARK", None, rev))

    # -- what the reader calls

    def stop(self) -> None:
        """End the watch; what is queued is still delivered."""
        if self._ended:
            return
        self._ended = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._on_end(self)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[WatchEvent]:
        """Everything that is ready, at least one event."""
        if self._catching_up and not self.cut_off:
            chunk = next(self._first, None)
            if chunk is not None:
                return chunk
            self._catching_up = False
            self._limit = QUEUE_LIMIT
        while not self._queue:
            if self._ended:
                raise StopAsyncIteration
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        queue, self._queue = self._queue, []
        return queue

    def _catch_up(
        self, initial: Sequence[Entry], backlog: Sequence[Change], bookmark: WatchEvent | None
    ) -> Iterator[list[WatchEvent]]:
        """The initial state as ADDED events, or the missed changes, in chunks made when they are asked for."""
        selection = self.selection
        for at in range(0, len(initial), _CHUNK):
            entries = initial[at : at + _CHUNK]
            if not self._unselective:
                entries = [entry for entry in entries if selection.matches(entry)]
            if entries:
                yield [WatchEvent("ADDED", entry, entry.mod_rev) for entry in entries]
        for at in range(0, len(backlog), _CHUNK):
            events = [change.event(selection) for change in backlog[at : at + _CHUNK]]
            chunk = [event for event in events if event is not None]
            if chunk:
                yield chunk
        if bookmark is not None:
            yield [bookmark]
