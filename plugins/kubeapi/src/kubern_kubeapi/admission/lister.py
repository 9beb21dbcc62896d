"""Objects of one resource for plugins, from its watch cache, decoded once per revision (upstream: listers).

What is handed out is shared: change nothing in it. Next: `kubern/storage/cacher/cacher.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from kubern.config import CompletedConfig
    from kubern.storage.cacher import Cacher, Change, Entry

Object = dict[str, Any]
_DECODED = "admission"
T = TypeVar("T")


class Lister:
    """Reads one resource, in its storage version."""

    def __init__(self, config: CompletedConfig, group: str, resource: str) -> None:
        self._config = config
        self._group_resource = (group, resource)
        self._cacher: Cacher | None = None

    async def cacher(self) -> Cacher | None:
        """The watch cache, with content; None when no member serves the resource."""
        cacher = self._cacher
        if cacher is None:
            store = self._config.outermost.find_store(*self._group_resource)
            if store is None:
                return None
            cacher = self._cacher = store.cacher
        if not cacher.is_ready:
            await cacher.ready()
        return cacher

    async def get(self, namespace: str, name: str) -> Object | None:
        """The object, None when there is none."""
        cacher = await self.cacher()
        if cacher is None:
            return None
        entry = await cacher.get(cacher.codec.key(namespace, name))
        return decoded(entry) if entry is not None else None

    async def wait_for(self, namespace: str, name: str, seconds: float) -> Object | None:
        """The object, waiting until there is one, but not longer than `seconds`."""
        found = await self.get(namespace, name)
        cacher = self._cacher
        if found is not None or cacher is None:
            return found
        key, appeared = cacher.codec.key(namespace, name), asyncio.Event()

        def look(changes: Iterable[Change]) -> None:
            if any(c.entry is not None and c.entry.key == key for c in changes):
                appeared.set()

        unsubscribe = cacher.subscribe(look)
        try:
            async with asyncio.timeout(seconds):
                await appeared.wait()
        except TimeoutError:
            return None
        finally:
            unsubscribe()
        return await self.get(namespace, name)

    async def objects(self, namespace: str = "") -> list[Object]:
        """All objects, or those of a namespace, in the order of their names."""
        return [decoded(entry) for entry in await self.entries(namespace)]

    async def entries(self, namespace: str = "") -> list[Entry]:
        """As `objects`, not decoded."""
        cacher = await self.cacher()
        if cacher is None or not cacher.index.entries:
            return []
        base = cacher.codec.prefix + (f"{namespace}/" if namespace else "")
        return cacher.index.slice(base, base[:-1] + "0")


class Derived(Generic[T]):
    """Something made from all objects of a resource, made anew only after the resource has changed."""

    def __init__(self, lister: Lister, make: Callable[[list[Object]], T]) -> None:
        self._lister = lister
        self._make = make
        self._subscribed: Cacher | None = None
        self._value: T | None = None
        self._fresh = False

    async def get(self) -> T:
        """The current value; shared."""
        if not self._fresh or self._value is None:
            cacher = await self._lister.cacher()
            if cacher is not None and self._subscribed is not cacher:
                self._subscribed = cacher
                cacher.subscribe(self._forget)
            self._fresh = cacher is not None
            self._value = self._make(await self._lister.objects())
        return self._value

    def _forget(self, _: object) -> None:
        self._fresh = False


def decoded(entry: Entry) -> Object:
    """The object of a cache entry; decoded when first asked for, shared from then on."""
    if entry.encoded is None:
        entry.encoded = {}
    obj: Object | None = entry.encoded.get(_DECODED)
    if obj is None:
        obj = entry.encoded[_DECODED] = entry.decode()
    return obj
