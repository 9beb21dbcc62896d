"""A queue of definitions to look at, and the loop that works it off (upstream: workqueue with exponential backoff).

Next: `start.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from kubern.apimachinery.errors import StatusError
from kubern.storage.errors import StorageError

log = logging.getLogger(__name__)
FIRST_DELAY: Final = 0.005
MAX_DELAY: Final = 1000.0
_GIVEN_WAY: Final = frozenset({"NotFound", "Conflict"})
"""Somebody else was faster; their write brings the name back by itself."""


class Controller:
    """Calls `sync` with each name that was added, each once however often it was added meanwhile."""

    def __init__(self, name: str, sync: Callable[[str], Awaitable[None]], workers: int = 1) -> None:
        self.name = name
        self.workers = workers
        self._sync = sync
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._waiting: set[str] = set()
        self._active: set[str] = set()
        self._again: set[str] = set()
        self._failures: dict[str, int] = {}

    def add(self, name: str) -> None:
        """Look at a definition soon."""
        if name in self._active:
            self._again.add(name)
        elif name not in self._waiting:
            self._waiting.add(name)
            self._queue.put_nowait(name)

    async def run(self) -> None:
        """Work for ever."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self.workers):
                group.create_task(self._work(), name=self.name)

    async def _work(self) -> None:
        while True:
            name = await self._queue.get()
            self._waiting.discard(name)
            self._active.add(name)
            try:
                await self._sync(name)
                self._failures.pop(name, None)
            except (StatusError, StorageError) as error:
                self._failed(name, error)
            finally:
                self._active.discard(name)
            if name in self._again:
                self._again.discard(name)
                self.add(name)
            # Neither a full queue nor a sync that has nothing to wait for makes way by itself.
            await asyncio.sleep(0)

    def _failed(self, name: str, error: StatusError | StorageError) -> None:
        if isinstance(error, StatusError) and error.reason in _GIVEN_WAY:
            return
        count = self._failures[name] = self._failures.get(name, 0) + 1
        log.warning("%s: %s: %s", self.name, name, error)
        asyncio.get_running_loop().call_later(min(FIRST_DELAY * 2 ** min(count, 30), MAX_DELAY), self.add, name)
