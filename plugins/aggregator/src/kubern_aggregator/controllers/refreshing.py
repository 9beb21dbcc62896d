"""Asks extension API servers again: of those whose APIService changed at once, of all of them once a minute.

Next: its users, `discovery.py` and `openapi.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kubern_aggregator.registry import Registry

REFRESH_SECONDS: Final = 60.0


class Refreshing:
    """Calls `learn` with names of APIServices, side by side; a name that waits is there once."""

    def __init__(self, registry: Registry, learn: Callable[[str], Awaitable[None]]) -> None:
        self._registry = registry
        self._learn = learn
        self._wanted: set[str] = set()
        self._wake = asyncio.Event()

    def add(self, name: str) -> None:
        """Ask soon."""
        self._wanted.add(name)
        self._wake.set()

    async def run(self) -> None:
        """For ever."""
        loop = asyncio.get_running_loop()
        refresh = loop.time() + REFRESH_SECONDS
        while True:
            try:
                async with asyncio.timeout_at(refresh):
                    await self._wake.wait()
            except TimeoutError:
                refresh = loop.time() + REFRESH_SECONDS
                self._wanted.update(one.name for one in self._registry.remote.values())
            self._wake.clear()
            names, self._wanted = self._wanted, set()
            await asyncio.gather(*(self._learn(name) for name in names))
