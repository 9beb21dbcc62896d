"""The store of services, which reads some differently than they are stored (upstream: defaultOnRead).

A service that became an ExternalName keeps an internalTrafficPolicy it has no use for. Reads leave it out; watches
show services as they are stored, as upstream's do. Next: `service.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.registry.encoding import encode_stored
from kubern.registry.store import ResourceStore
from kubern.registry.written import Deleted, Written

if TYPE_CHECKING:
    from kubern.registry.rest import DeleteOptions, ListOptions
    from kubern.registry.written import UpdatedObject, Validate
    from kubern.request import RequestContext
    from kubern.storage.cacher import Entry, ListResult

Object = dict[str, Any]

_POLICY = "internalTrafficPolicy"


def _forget_policy(obj: Object) -> bool:
    """Whether there was a policy to leave out."""
    spec = obj.get("spec", {})
    return spec.get("type") == "ExternalName" and spec.pop(_POLICY, None) is not None


def _as_read(entry: Entry) -> Entry:
    if b'"ExternalName"' not in entry.value:
        return entry
    obj = entry.decode()
    if not _forget_policy(obj):
        return entry
    return entry.codec.entry(entry.key, entry.mod_rev, encode_stored(obj))


def _written_as_read(written: Written) -> Written:
    _forget_policy(written.obj)
    return written if written.entry is None else written._replace(entry=_as_read(written.entry))


class ServiceStore(ResourceStore):
    """Services as their readers see them."""

    async def get(self, ctx: RequestContext, name: str, resource_version: str = "") -> Entry:
        return _as_read(await super().get(ctx, name, resource_version))

    async def list(self, ctx: RequestContext, options: ListOptions) -> ListResult:
        page = await super().list(ctx, options)
        return page._replace(entries=[_as_read(entry) for entry in page.entries])

    async def create(self, ctx: RequestContext, obj: Object, **options: Any) -> Written:
        return _written_as_read(await super().create(ctx, obj, **options))

    async def update(self, ctx: RequestContext, name: str, updated: UpdatedObject, **options: Any) -> Written:
        return _written_as_read(await super().update(ctx, name, updated, **options))

    async def delete(
        self, ctx: RequestContext, name: str, options: DeleteOptions, *, validate: Validate | None = None
    ) -> Deleted:
        deleted = await super().delete(ctx, name, options, validate=validate)
        _forget_policy(deleted.obj)
        return deleted
