"""A range whose lower part is kept for values that clients name, the upper for those the server picks.

Upstream: calculateRangeOffset of both allocators. Next: `cluster_ips.py`, `node_ports.py`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator


class AllocationError(Exception):
    """A value cannot be had; the text goes into the answer."""


class AlreadyAllocated(AllocationError):
    """Somebody has the value."""


class RangeFull(AllocationError):
    """No value is left."""


def static_band(size: int, step: int, minimum: int, maximum: int) -> int:
    """How many of the first values are handed out by the server only when all others are gone."""
    return 0 if size <= minimum else min(max(size // step, minimum), maximum)


def candidates(first: int, last: int, band: int) -> Iterator[int]:
    """Every value of first..last once: the upper part from a random start, then the lower part likewise."""
    for low, high in ((first + band, last), (first, first + band - 1)):
        size = high - low + 1
        if size <= 0:
            continue
        start = secrets.randbelow(size)
        for i in range(size):
            yield low + (start + i) % size
