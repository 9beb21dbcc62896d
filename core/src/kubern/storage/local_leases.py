"""Leases of a store in this process: each has a timer, and its end deletes the keys attached to it.

Next: `local_store.py`, which owns one of these; `ttl_leases.py`, the user that shares leases between keys.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping

from kubern.storage.errors import LeaseNotFound


class Leases:
    """Live leases and their timers. `expired(lease)` is called on the event loop when one runs out."""

    def __init__(self, expired: Callable[[int], None]) -> None:
        self._expired = expired
        self._ttls: dict[int, int] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}

    def restore(self, ttls: Mapping[int, int]) -> None:
        """Leases found on disk start their full time again, as etcd's do when its leader changes."""
        for lease, ttl in ttls.items():
            self.add(lease, ttl)

    def new_id(self) -> int:
        while True:
            lease = secrets.randbits(62) + 1
            if lease not in self._ttls:
                return lease

    def add(self, lease: int, ttl: int) -> None:
        self._ttls[lease] = ttl
        self._arm(lease, ttl)

    def ttl(self, lease: int) -> int:
        """The lease's full time in seconds. Raises LeaseNotFound."""
        try:
            return self._ttls[lease]
        except KeyError:
            raise LeaseNotFound(lease) from None

    def keepalive(self, lease: int) -> int:
        """Start the time again; 0 when the lease is gone."""
        ttl = self._ttls.get(lease, 0)
        if ttl:
            self._arm(lease, ttl)
        return ttl

    def drop(self, lease: int) -> None:
        """Forget a lease and its timer."""
        self._ttls.pop(lease, None)
        timer = self._timers.pop(lease, None)
        if timer is not None:
            timer.cancel()

    def stop(self) -> None:
        """Cancel every timer; the leases stay known."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _arm(self, lease: int, ttl: int) -> None:
        timer = self._timers.get(lease)
        if timer is not None:
            timer.cancel()
        self._timers[lease] = asyncio.get_running_loop().call_later(ttl, self._expired, lease)
