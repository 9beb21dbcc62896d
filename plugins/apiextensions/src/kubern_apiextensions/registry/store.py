"""The generic store for custom resources: what was written is shown as the storage gives it back.

Next: `views.py`, which stands below it; `kubern/registry/store.py` for everything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from kubern.registry.encoding import encode_stored
from kubern.registry.store import ResourceStore
from kubern.registry.written import Written
from kubern_apiextensions.registry.views import VersionView

if TYPE_CHECKING:
    from kubern.apimachinery.resource import ResourceDefinition
    from kubern.request import RequestContext
    from kubern.storage import errors as storage_errors
    from kubern.storage.cacher import Cacher, Entry

Object = dict[str, Any]


class CustomResourceStore(ResourceStore):
    """Objects of one version; `definition.storage_version` is that version, whatever is stored."""

    def __init__(self, definition: ResourceDefinition, view: VersionView, *, garbage_collection: bool = True) -> None:
        super().__init__(definition, cast("Cacher", view), garbage_collection=garbage_collection)
        self.view = view

    async def _current(self, error: storage_errors.Conflict) -> Entry | None:
        return None if error.current is None else await self.view.current(error.current)

    async def _put_new(self, obj: Object, dry_run: bool, version: str) -> Written:
        return await self._as_stored(await super()._put_new(obj, dry_run, version))

    async def _put_changed(
        self, ctx: RequestContext, key: str, entry: Entry, new: Object, old: Object, dry_run: bool
    ) -> Written:
        return await self._as_stored(await super()._put_changed(ctx, key, entry, new, old, dry_run))

    async def _as_stored(self, written: Written) -> Written:
        """The way to the storage version and back may cost fields."""
        if self.view.keeps:
            return written
        entry = written.entry
        if entry is not None:
            return written._replace(obj=entry.decode())
        meta = written.obj["metadata"]
        key = self.key(meta.get("namespace", ""), meta["name"])
        shown = (await self.view.stored_and_shown(key, encode_stored(written.obj))).decode()
        shown["metadata"].pop("resourceVersion")
        if "resourceVersion" in meta:
            shown["metadata"]["resourceVersion"] = meta["resourceVersion"]
        return written._replace(obj=shown)
