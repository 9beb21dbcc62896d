"""A limit on the bytes per second of one direction of a connection (upstream: mxk/go-flowrate)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

_SAMPLES_PER_SECOND: Final = 10


class Throttle:
    """Makes a sender wait; without a limit (0) it never does."""

    def __init__(self, bytes_per_second: int) -> None:
        self._rate = bytes_per_second
        self._free_at = 0.0

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """`data` in pieces small enough to flow evenly."""
        size = max(1, self._rate // _SAMPLES_PER_SECOND) if self._rate else len(data) or 1
        for begin in range(0, len(data), size):
            yield data[begin : begin + size]

    async def sent(self, count: int) -> None:
        """Wait until as much may be sent again."""
        if self._rate:
            now = asyncio.get_running_loop().time()
            self._free_at = max(self._free_at, now) + count / self._rate
            await asyncio.sleep(self._free_at - now)
