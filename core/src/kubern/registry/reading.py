"""The reading half of the generic store: get, list and watch, answered by the watch cache as bytes.

Upstream: Get, ListPredicate and WatchPredicate of generic/registry/store.go. Next: `store.py`, the writing half.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.apimachinery import errors
from kubern.registry.errors import interpret, interpret_list
from kubern.registry.path_names import check_path_name
from kubern.registry.selection import selection
from kubern.storage import errors as storage_errors

if TYPE_CHECKING:
    from kubern.apimachinery.errors import StatusError
    from kubern.apimachinery.resource import ResourceDefinition
    from kubern.registry.rest import ListOptions
    from kubern.registry.written import Object
    from kubern.request import RequestContext
    from kubern.storage.cacher import Cacher, CacheWatcher, Entry, ListResult


class ReadStore:
    """Reads of one resource's objects in the storage (hub) version."""

    def __init__(self, definition: ResourceDefinition, cacher: Cacher) -> None:
        self.definition = definition
        self.cacher = cacher

    @property
    def namespaced(self) -> bool:
        return self.definition.namespaced

    def key(self, namespace: str, name: str) -> str:
        """The storage key of an object. Raises StatusError 400 for a name that no path can have."""
        check_path_name(name)
        return self.cacher.codec.key(namespace, name)

    def not_found(self, name: str) -> StatusError:
        return errors.not_found(self.definition.group_resource, name)

    async def get(self, ctx: RequestContext, name: str, resource_version: str = "") -> Entry:
        """The object as cached bytes. Raises StatusError 404, 500, 504."""
        entry = await self._read(self.key(ctx.info.namespace, name), name, resource_version)
        if entry is None:
            raise self.not_found(name)
        return entry

    async def get_object(self, namespace: str, name: str) -> Object:
        """The newest state as a fresh dict. Raises StatusError 404."""
        entry = await self._read(self.key(namespace, name), name)
        if entry is None:
            raise self.not_found(name)
        return entry.decode()

    async def _read(self, key: str, name: str, resource_version: str = "") -> Entry | None:
        try:
            return await self.cacher.get(key, resource_version)
        except storage_errors.StorageError as error:
            raise interpret(error, self.definition.group_resource, name) from error

    async def list(self, ctx: RequestContext, options: ListOptions) -> ListResult:
        """A page of entries. Raises StatusError 400, 410, 504."""
        chosen = selection(self.definition, options, ctx.info.namespace)
        if options.continue_token and options.resource_version not in ("", "0"):
            raise errors.bad_request("specifying resource version is not allowed when using continue")
        try:
            return await self.cacher.list(
                chosen,
                resource_version=options.resource_version if not options.continue_token else "",
                match=options.resource_version_match,
                # "0" asks for anything cached, and that comes whole.
                limit=options.limit if options.resource_version != "0" else 0,
                continue_token=options.continue_token,
            )
        except storage_errors.StorageError as error:
            raise interpret_list(error, self.definition.group_resource) from error

    async def watch(self, ctx: RequestContext, options: ListOptions, timeout: float | None) -> CacheWatcher:
        """Events from the options' revision on. Raises StatusError 400, 410, 500, 504."""
        chosen = selection(self.definition, options, ctx.info.namespace)
        try:
            return await self.cacher.watch(
                chosen,
                resource_version=options.resource_version,
                send_initial_events=options.send_initial_events,
                allow_bookmarks=options.allow_watch_bookmarks,
                timeout=timeout,
            )
        except storage_errors.StorageError as error:
            raise interpret(error, self.definition.group_resource, "") from error

    async def _current(self, error: storage_errors.Conflict) -> Entry | None:
        """What stands at the key that a compare-and-swap lost."""
        return None if error.current is None else self.cacher.entry_of(error.current)
