"""Makes the store of each resource: key prefix, watch cache, encryption (upstream: DefaultStorageFactory).

Next: `registry/store.py`.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kubern.registry.store import ResourceStore
from kubern.storage.cacher import Cacher, ValueCodec
from kubern.storage.cacher.history import MIN_EVENTS
from kubern.storage.ttl_leases import LEASE_REUSE_SECONDS

if TYPE_CHECKING:
    from kubern.apimachinery.resource import ResourceDefinition
    from kubern.contributions import StorageBackend
    from kubern.options.options import CompletedOptions
    from kubern.storage.cacher.codec import Transformer
    from kubern.storage.encryption.config import EncryptionConfig
    from kubern.storage.interface import Store


_MIN_ENDED_PER_SECOND = 200.0
"""Watches end at least this fast at shutdown (upstream: the floor of its rate limiter)."""
_PAUSE = 0.05
_SAMPLE = 8
"""Objects that the average size of a resource is taken from."""


async def open_storage_factory(
    options: CompletedOptions, backends: Iterable[StorageBackend], encryption: EncryptionConfig | None
) -> StorageFactory:
    """Open the backends that the flags choose. Raises StorageError, with none left open."""
    from kubern.options.etcd import EtcdOptions

    etcd = options.section(EtcdOptions)
    chosen = etcd.storage_backend or "sqlite"
    store = await next(backend for backend in backends if backend.name == chosen).open(options)
    factory = StorageFactory(
        store,
        prefix=etcd.etcd_prefix,
        garbage_collection=etcd.enable_garbage_collector,
        transformers=encryption.transformer_for if encryption is not None else None,
        min_events=functools.partial(_min_events, options),
        lease_reuse_seconds=etcd.lease_reuse_duration_seconds,
    )
    try:
        for group_resource, servers in etcd.server_overrides().items():
            factory.overrides[group_resource] = await open_etcd3(options, servers)
    except BaseException:
        await factory.close()
        raise
    return factory


async def open_etcd3(options: CompletedOptions, servers: Sequence[str]) -> Store:
    """Connect to an etcd cluster as the flags say. Raises Unavailable."""
    from kubern.options.egress_selector import EgressSelectorOptions
    from kubern.options.etcd import EtcdOptions
    from kubern.storage.etcd3.channels import Tls
    from kubern.storage.etcd3.store import EtcdStore

    etcd = options.section(EtcdOptions)
    proxy = options.section(EgressSelectorOptions).etcd_proxy
    files = (Path(path) if path else None for path in (etcd.etcd_cafile, etcd.etcd_certfile, etcd.etcd_keyfile))
    return await EtcdStore.open(
        servers, tls=Tls(*files), compaction_interval=etcd.etcd_compaction_interval, proxy=proxy
    )


def _min_events(options: CompletedOptions, group: str, resource: str) -> int:
    """--watch-cache-sizes, --target-ram-mb and --default-watch-cache-size for one resource."""
    from kubern.options.etcd import EtcdOptions

    default = options.section(EtcdOptions).default_watch_cache_size
    return options.facts.watch_cache_sizes.get(f"{resource}.{group}" if group else resource, default)


class StorageFactory:
    """Opens resources on one storage backend. Watch caches start with their first use."""

    def __init__(
        self,
        store: Store,
        *,
        prefix: str = "/registry",
        garbage_collection: bool = True,
        transformers: Callable[[str, str], Transformer] | None = None,
        overrides: MutableMapping[tuple[str, str], Store] | None = None,
        min_events: Callable[[str, str], int] | None = None,
        lease_reuse_seconds: int = LEASE_REUSE_SECONDS,
    ) -> None:
        """`overrides` are the stores of single (group, resource)s, `min_events` how many changes a resource remembers."""
        self.store = store
        self.overrides = overrides if overrides is not None else {}
        self._min_events = min_events
        self._lease_reuse_seconds = lease_reuse_seconds
        self.prefix = prefix.rstrip("/")
        self.garbage_collection = garbage_collection
        self.transformers = transformers
        self._cachers: dict[tuple[str, str], Cacher] = {}

    def key_prefix(self, definition: ResourceDefinition) -> str:
        """Where the objects of a resource are kept, with its closing slash."""
        return f"{self.prefix}/{definition.storage_prefix or definition.resource}/"

    def resource_store(self, definition: ResourceDefinition) -> ResourceStore:
        """The store of a resource; the watch cache is shared by all stores of that resource."""
        key = (definition.group, definition.resource)
        cacher = self._cachers.get(key)
        if cacher is None:
            transformer = self.transformers(*key) if self.transformers is not None else None
            codec = ValueCodec(
                self.key_prefix(definition),
                namespaced=definition.namespaced,
                fields_of=definition.fields,
                transformer=transformer,
            )
            cacher = self._cachers[key] = Cacher(
                self.overrides.get(key, self.store),
                codec,
                min_events=self._min_events(*key) if self._min_events is not None else MIN_EVENTS,
                lease_reuse_seconds=self._lease_reuse_seconds,
            )
        make = definition.store or ResourceStore
        return make(definition, cacher, garbage_collection=self.garbage_collection)

    def stores(self) -> list[Store]:
        """Every backend, each once: the one that most resources use first."""
        return list({id(store): store for store in (self.store, *self.overrides.values())}.values())

    def counts(self) -> Iterator[tuple[str, str, int]]:
        """(group, resource, number of objects) of each resource whose watch cache is filled."""
        for (group, resource), cacher in self._cachers.items():
            if cacher.is_ready:
                yield group, resource, len(cacher.index.entries)

    def object_stats(self, group: str, resource: str) -> tuple[int, int] | None:
        """Number and average bytes of the objects, by a sample of them; None for a resource that is not stored here."""
        cacher = self._cachers.get((group, resource))
        if cacher is None:
            return None
        entries = cacher.index.entries
        sample = [len(entry.value) for entry in itertools.islice(entries.values(), _SAMPLE)]
        return len(entries), sum(sample) // len(sample) if sample else 0

    def release_resource(self, group: str, resource: str) -> Cacher | None:
        """Forget a resource's cache, which the caller closes; the next store of that name gets a new one."""
        return self._cachers.pop((group, resource), None)

    async def end_watches_gradually(self, seconds: float) -> None:
        """End every watch within that time, so that not all clients come to another server in one moment."""
        if seconds <= 0:
            return
        watchers = [watcher for cacher in self._cachers.values() for watcher in cacher.watchers()]
        per_second = max(len(watchers) / seconds, _MIN_ENDED_PER_SECOND)
        batch = max(1, round(per_second * _PAUSE))
        for at in range(0, len(watchers), batch):
            for watcher in watchers[at : at + batch]:
                watcher.stop()
            await asyncio.sleep(min(_PAUSE, batch / per_second))

    async def end_watches(self) -> None:
        """End every watch cleanly, as a shutdown does."""
        for cacher in self._cachers.values():
            await cacher.close()

    async def close(self) -> None:
        """Close the caches and the backends."""
        await self.end_watches()
        for store in self.stores():
            await store.close()
