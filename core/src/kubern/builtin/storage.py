"""Core's storage engines for --storage-backend. Next: `../storage/interface.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.contributions import StorageBackend
from kubern.hookspecs import hookimpl

if TYPE_CHECKING:
    from kubern.options.options import CompletedOptions
    from kubern.storage.interface import Store


@hookimpl
def kubern_register_storage_backends() -> list[StorageBackend]:
    return [
        StorageBackend("sqlite", _open_sqlite),
        StorageBackend("memory", _open_memory),
        StorageBackend("etcd3", _open_etcd3),
    ]


async def _open_sqlite(options: CompletedOptions) -> Store:
    from kubern.options.etcd import EtcdOptions
    from kubern.storage.sqlite.store import SqliteStore

    interval = options.section(EtcdOptions).etcd_compaction_interval
    return await SqliteStore.open(options.facts.data_dir / "store", compaction_interval=interval)


async def _open_memory(options: CompletedOptions) -> Store:
    from kubern.storage.memory import MemoryStore

    return MemoryStore()


async def _open_etcd3(options: CompletedOptions) -> Store:
    from kubern.options.etcd import EtcdOptions
    from kubern.storage_factory import open_etcd3

    etcd = options.section(EtcdOptions)
    return await open_etcd3(options, etcd.etcd_servers)
