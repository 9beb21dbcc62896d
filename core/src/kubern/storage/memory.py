"""The store for tests and throw-away servers: everything in memory, gone when the process ends.

`local_store.py` is written so that what remains here is nothing: a write is durable as soon as it is made.
Next: `sqlite/store.py`, where it is not.
"""

from __future__ import annotations

from kubern.storage.local_store import LocalStoreBase


class MemoryStore(LocalStoreBase):
    """A LocalStore that keeps nothing."""

    async def size(self) -> int:
        return sum(len(key) + len(kv.value) for key, kv in self.state.current.items())
