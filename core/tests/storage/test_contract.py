"""Every backend shows the behaviour of the storage contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kubern.storage.interface import LocalStore, Store
from kubern.storage.memory import MemoryStore
from kubern.storage.sqlite.store import SqliteStore
from kubern.testing.storage_contract import StoreContract


class TestMemory(StoreContract):
    @pytest.fixture
    async def store(self) -> AsyncIterator[Store]:
        store = MemoryStore()
        assert isinstance(store, LocalStore)
        yield store
        await store.close()


class TestSqlite(StoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Store]:
        store = await SqliteStore.open(tmp_path)
        assert isinstance(store, LocalStore)
        yield store
        await store.close()
