"""Watch caches of a small resource on every kind of store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from kubern.storage.cacher import Cacher, Entry, ValueCodec
from kubern.storage.interface import KV, Page, Store, Watcher
from kubern.storage.memory import MemoryStore

PREFIX = "/registry/things/"


class FarStore:
    """A memory store as if behind a network: only the Store interface, nothing synchronous."""

    progress_is_reliable = True

    def __init__(self, near: MemoryStore) -> None:
        self.near = near

    async def get(self, key: str, *, rev: int = 0, serializable: bool = False) -> tuple[KV | None, int]:
        return await self.near.get(key, rev=rev)

    async def range(
        self,
        start: str,
        end: str,
        *,
        limit: int = 0,
        rev: int = 0,
        keys_only: bool = False,
        serializable: bool = False,
    ) -> Page:
        return await self.near.range(start, end, limit=limit, rev=rev, keys_only=keys_only)

    async def count(self, start: str, end: str) -> int:
        return await self.near.count(start, end)

    async def put(self, key: str, value: bytes, *, expect: int | None, lease: int = 0) -> KV:
        return await self.near.put(key, value, expect=expect, lease=lease)

    async def delete(self, key: str, *, expect: int | None) -> tuple[KV | None, int]:
        return await self.near.delete(key, expect=expect)

    async def watch(self, start: str, end: str, *, after: int, prev: bool = True) -> Watcher:
        return await self.near.watch(start, end, after=after, prev=prev)

    async def compact(self, rev: int) -> None:
        await self.near.compact(rev)

    async def current_revision(self) -> int:
        return await self.near.current_revision()

    async def lease_grant(self, ttl: int) -> int:
        return await self.near.lease_grant(ttl)

    async def lease_keepalive(self, lease: int) -> int:
        return await self.near.lease_keepalive(lease)

    async def lease_revoke(self, lease: int) -> None:
        await self.near.lease_revoke(lease)

    async def healthy(self) -> None:
        await self.near.healthy()

    async def close(self) -> None:
        await self.near.close()


class FarStoreWithoutProgress(FarStore):
    """As an etcd whose progress notifications cannot be trusted."""

    progress_is_reliable = False


class Things:
    """A resource's cache and short ways to write to it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.cacher = Cacher(store, ValueCodec(PREFIX, namespaced=True, fields_of=lambda obj: {"n": str(obj["n"])}))

    def key(self, name: str) -> str:
        """`ns/name`, in namespace `default` when it names none."""
        return PREFIX + (name if "/" in name else "default/" + name)

    def value(self, name: str, n: int = 0, **labels: str) -> bytes:
        namespace, _, short = self.key(name)[len(PREFIX) :].partition("/")
        metadata: dict[str, Any] = {"name": short, "namespace": namespace}
        if labels:
            metadata["labels"] = labels
        return orjson.dumps({"kind": "Thing", "apiVersion": "v1", "metadata": metadata, "n": n})

    async def create(self, name: str, n: int = 0, **labels: str) -> Entry:
        return await self.cacher.create(self.key(name), self.value(name, n, **labels))

    async def update(self, entry: Entry, n: int = 0, **labels: str) -> Entry:
        name = f"{entry.namespace}/{entry.name}"
        return await self.cacher.update(entry.key, self.value(name, n, **labels), entry.mod_rev)

    async def delete(self, entry: Entry) -> Entry:
        return await self.cacher.delete(entry.key, entry.mod_rev)


@pytest.fixture(params=[MemoryStore, FarStore, FarStoreWithoutProgress])
async def things(request: pytest.FixtureRequest) -> AsyncIterator[Things]:
    near = MemoryStore()
    store = near if request.param is MemoryStore else request.param(near)
    things = Things(store)
    yield things
    await things.cacher.close()
    await near.close()


@pytest.fixture
async def near_things() -> AsyncIterator[Things]:
    """Things on a store in this process."""
    things = Things(MemoryStore())
    yield things
    await things.cacher.close()
    await things.store.close()
