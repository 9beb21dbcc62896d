"""Core's storage engines for --storage-backend. Next: `../storage/interface.py`."""

from __future__ import annotations

from pathlib import Path
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
    from kubern.storage.etcd3.channels import Tls
    from kubern.storage.etcd3.store import EtcdStore

    etcd = options.section(EtcdOptions)
    files = (Path(path) if path else None for path in (etcd.etcd_cafile, etcd.etcd_certfile, etcd.etcd_keyfile))
    return await EtcdStore.open(etcd.etcd_servers, tls=Tls(*files), compaction_interval=etcd.etcd_compaction_interval)
