"""How a watch cache follows its store; next: `cacher.py`, which owns one follower.

Two ways: a store in this process pushes each durable commit synchronously, so the cache is never behind
(`LocalFollower`); any other store is listed and watched, and the cache may lag (`remote.py`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from kubern.storage.errors import TooLargeResourceVersion
from kubern.storage.interface import KV, Event, LocalStore
from kubern.storage.keys import prefix_end

WAIT_SECONDS = 3.0
"""How long a read waits for a revision the cache has not reached (upstream's blockTimeout)."""

_POLL_SECONDS = 0.05


class Sink(Protocol):
    """What a follower tells the cache; called on the event loop, without gaps."""

    def replace(self, kvs: Sequence[KV], rev: int) -> None:
        """The complete content. Raises CorruptValue when it cannot be read."""

    def receive(self, events: Sequence[Event], rev: int) -> None: ...

    def lose(self, error: BaseException) -> None:
        """The store cannot be followed any more (for now): everything cached is doubtful."""


class Follower(Protocol):
    """Keeps a cache up to date."""

    @property
    def revision(self) -> int:
        """The store revision up to which the cache is complete."""

    async def start(self) -> None:
        """Returns when the cache has its first content. Raises StorageError."""

    async def catch_up(self) -> None:
        """Returns when the cache holds all that was acknowledged before the call."""

    async def wait_for(self, rev: int) -> None:
        """Returns when the cache is complete up to `rev`. Raises TooLargeResourceVersion."""

    async def close(self) -> None: ...


class LocalFollower:
    """Follows a store in this process: content at once, changes with each commit."""

    def __init__(self, store: LocalStore, prefix: str, sink: Sink) -> None:
        self._store = store
        self._prefix = prefix
        self._sink = sink
        self._unsubscribe: Callable[[], None] | None = None

    @property
    def revision(self) -> int:
        return self._store.revision

    async def start(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
        kvs, rev, self._unsubscribe = self._store.subscribe(
            self._prefix, prefix_end(self._prefix), self._sink.receive, self._sink.lose
        )
        self._sink.replace(kvs, rev)

    async def catch_up(self) -> None:
        await self._store.healthy()

    async def wait_for(self, rev: int) -> None:
        end = time.monotonic() + WAIT_SECONDS
        while self._store.revision < rev:
            if time.monotonic() >= end:
                raise TooLargeResourceVersion(rev, self._store.revision)
            await self._store.healthy()
            await asyncio.sleep(_POLL_SECONDS)  # only a client that made the number up comes here

    async def close(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
