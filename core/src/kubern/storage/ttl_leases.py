"""Leases shared by keys that live equally long, so that a flood of events is not a flood of leases.

Upstream: storage/etcd3/lease_manager.go. A lease is granted a little longer than asked for and given to
every key of that time to live until the surplus is used up. Next: `cacher/cacher.py`, the user.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from kubern.storage.interface import Store

LEASE_REUSE_SECONDS = 60
_REUSE_SHARE = 0.05
_MAX_KEYS = 1000


@dataclass(slots=True)
class _Current:
    lease: int
    expires: float
    keys: int


class TTLLeases:
    """Hands out lease ids by time to live."""

    def __init__(self, store: Store, reuse_seconds: int = LEASE_REUSE_SECONDS) -> None:
        self._store = store
        self._reuse_seconds = reuse_seconds
        self._current: dict[int, _Current] = {}

    async def lease_for(self, ttl: int) -> int:
        """A lease that lasts at least `ttl` seconds from now, and at most 5 % or `reuse_seconds` longer."""
        current = self._current.get(ttl)
        if current is not None and current.expires > time.monotonic() + ttl and current.keys < _MAX_KEYS:
            current.keys += 1
            return current.lease
        granted = ttl + int(min(self._reuse_seconds, ttl * _REUSE_SHARE))
        expires = time.monotonic() + granted
        lease = await self._store.lease_grant(granted)
        self._current[ttl] = _Current(lease, expires, 1)
        return lease
