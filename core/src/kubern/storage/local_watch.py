"""A store watch on top of feeds, for those who await batches; next: `feeds.py`.

The watch cache does not come this way, it subscribes synchronously (`interface.py::LocalStore`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from kubern.storage.errors import Compacted
from kubern.storage.feeds import Feed
from kubern.storage.interface import Event, EventBatch
from kubern.storage.state import State

MAX_BEHIND = 50_000
"""Undelivered events at which a reader counts as too slow."""


class LocalWatcher:
    """`interface.py::Watcher` of a State; made by the stores' `watch`. Events are buffered, not copied."""

    def __init__(self, state: State, start: str, end: str, after: int, prev: bool) -> None:
        self._state = state
        self._prev = prev
        self._batches: list[EventBatch] = []
        self._behind = 0
        self._error: BaseException | None = None
        self._wake = asyncio.Event()
        self._closed = False
        self._after = after
        try:
            missed = state.events_after(after, start, end)
        except Compacted as error:
            self._error = error
            self._wake.set()
            return
        if missed:
            self._receive(missed, state.revision)
        self._unsubscribe = state.feeds.add(Feed(start, end, self._receive, self._fail))

    def _receive(self, events: Sequence[Event], rev: int) -> None:
        if events and events[0].rev <= self._after:  # opened with a revision of the future
            events = [event for event in events if event.rev > self._after]
            if not events:
                return
        if not self._prev:
            events = [event._replace(prev=None) for event in events]
        self._behind += len(events)
        if self._behind > MAX_BEHIND:
            self._batches.clear()
            self._fail(Compacted(rev))
            return
        self._batches.append((events, rev))
        self._wake.set()

    def _fail(self, error: BaseException) -> None:
        self._error = error
        self._wake.set()
        self._stop()

    def _stop(self) -> None:
        unsubscribe = getattr(self, "_unsubscribe", None)
        if unsubscribe is not None:
            unsubscribe()

    async def __aiter__(self) -> AsyncIterator[EventBatch]:
        while True:
            while self._batches:
                batches, self._batches, self._behind = self._batches, [], 0
                for batch in batches:
                    yield batch
            if self._error is not None:
                raise self._error
            if self._closed:
                return
            self._wake.clear()
            await self._wake.wait()

    async def request_progress(self) -> None:
        if self._error is None and not self._closed:
            self._batches.append(([], self._state.revision))
            self._wake.set()

    async def aclose(self) -> None:
        self._closed = True
        self._stop()
        self._wake.set()
