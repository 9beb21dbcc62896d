"""Compaction of an etcd cluster that several API servers share; next: `store.py`.

Upstream: storage/etcd3/compact.go, with the same key, so that ours and kube-apiserver take turns: each interval
one of them wins a compare-and-swap on `compact_rev_key` and compacts to where the store was one interval ago.
"""

from __future__ import annotations

import asyncio
import logging

from kubern.storage.errors import Conflict, StorageError
from kubern.storage.interface import Store

log = logging.getLogger(__name__)

_KEY = "compact_rev_key"


class Compactor:
    """Owns the background task."""

    def __init__(self, store: Store, interval: float) -> None:
        self._store = store
        self._interval = interval
        self._version = 0
        self._revision = 0
        self._task = asyncio.create_task(self._run(), name="etcd-compactor")

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self.compact_once()
            except StorageError as error:
                log.warning("etcd compaction failed: %s", error)

    async def compact_once(self) -> None:
        """Compact to the revision of the previous turn if nobody else did since."""
        current, rev = await self._store.get(_KEY)
        version = current.version if current is not None else 0
        if version != self._version:
            self._version, self._revision = version, rev  # another server's turn
            return
        try:
            marker = await self._store.put(
                _KEY, b"%d" % self._revision, expect=current.mod_rev if current is not None else 0
            )
        except Conflict as conflict:
            self._version = conflict.current.version if conflict.current is not None else 0
            self._revision = conflict.rev
            return
        previous, self._version, self._revision = self._revision, marker.version, marker.mod_rev
        if previous:
            await self._store.compact(previous)
