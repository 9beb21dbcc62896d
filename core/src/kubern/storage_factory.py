"""Makes the store of each resource: key prefix, watch cache, encryption (upstream: DefaultStorageFactory).

Next: `registry/store.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

from kubern.registry.store import ResourceStore
from kubern.storage.cacher import Cacher, ValueCodec

if TYPE_CHECKING:
    from kubern.apimachinery.resource import ResourceDefinition
    from kubern.storage.cacher.codec import Transformer
    from kubern.storage.interface import Store


_SAMPLE = 8
"""Objects that the average size of a resource is taken from."""


class StorageFactory:
    """Opens resources on one storage backend. Watch caches start with their first use."""

    def __init__(
        self,
        store: Store,
        *,
        prefix: str = "/registry",
        garbage_collection: bool = True,
        transformers: Callable[[str, str], Transformer] | None = None,
    ) -> None:
        self.store = store
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
            cacher = self._cachers[key] = Cacher(self.store, codec)
        make = definition.store or ResourceStore
        return make(definition, cacher, garbage_collection=self.garbage_collection)

    def object_stats(self, group: str, resource: str) -> tuple[int, int] | None:
        """Number and average bytes of the objects, by a sample of them; None for a resource that is not stored here."""
        cacher = self._cachers.get((group, resource))
        if cacher is None:
            return None
        entries = cacher.index.entries
        sample = [len(entry.value) for entry in itertools.islice(entries.values(), _SAMPLE)]
        return len(entries), sum(sample) // len(sample) if sample else 0

    async def close_resource(self, group: str, resource: str) -> None:
        """End the watches of a resource that is no longer served and forget its cache."""
        cacher = self.release_resource(group, resource)
        if cacher is not None:
            await cacher.close()

    def release_resource(self, group: str, resource: str) -> Cacher | None:
        """Forget a resource's cache, which the caller closes; the next store of that name gets a new one."""
        return self._cachers.pop((group, resource), None)

    async def end_watches(self) -> None:
        """End every watch cleanly, as a shutdown does."""
        for cacher in self._cachers.values():
            await cacher.close()

    async def close(self) -> None:
        """Close the caches and the backend."""
        await self.end_watches()
        await self.store.close()
