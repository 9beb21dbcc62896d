"""Deletion of namespaces: first Terminating, gone when spec.finalizers are (upstream: registry/core/namespace/storage).

Next: `namespaces.py`, the kind's declaration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import conflict
from kubern.registry.before import now_text
from kubern.registry.deletion import FINALIZER_ORPHAN, set_finalizers
from kubern.registry.rest import DeleteOptions, Preconditions
from kubern.registry.store import ResourceStore
from kubern.registry.written import Deleted, Validate

if TYPE_CHECKING:
    from kubern.request import RequestContext
    from kubern.storage.cacher import Entry

Object = dict[str, Any]
TERMINATING = "Terminating"


class NamespaceStore(ResourceStore):
    """A ResourceStore whose delete goes in two phases."""

    def deletes_during_update(self, new: Object) -> bool:
        """Gone with the last of both kinds of finalizers."""
        return not new.get("spec", {}).get("finalizers") and super().deletes_during_update(new)

    async def delete(
        self, ctx: RequestContext, name: str, options: DeleteOptions, *, validate: Validate | None = None
    ) -> Deleted:
        """Begin termination, or finish it when nothing holds the namespace any more."""
        namespace = await self.get_object("", name)
        meta = namespace["metadata"]
        self._check(namespace, options, name)
        options.preconditions = Preconditions(meta["uid"], (options.preconditions or Preconditions()).resource_version)
        if "deletionTimestamp" in meta:
            if namespace.get("spec", {}).get("finalizers"):
                return Deleted(namespace, False)
            return await super().delete(ctx, name, options, validate=validate)
        return await super().delete(ctx, name, options, validate=validate)

    def _check(self, namespace: Object, options: DeleteOptions, name: str) -> None:
        wanted = options.preconditions
        if wanted is None:
            return
        meta = namespace["metadata"]
        pairs = (
            ("UID", wanted.uid, meta["uid"]),
            ("ResourceVersion", wanted.resource_version, meta["resourceVersion"]),
        )
        for what, precondition, found in pairs:
            if precondition is not None and precondition != found:
                raise conflict(
                    self.definition.group_resource,
                    name,
                    f"Precondition failed: {what} in precondition: {precondition}, {what} in object meta: {found}",
                )

    async def _delete_once(
        self, ctx: RequestContext, key: str, entry: Entry, options: DeleteOptions, validate: Validate | None
    ) -> Deleted:
        obj = entry.decode()
        if "deletionTimestamp" in obj["metadata"]:
            return await super()._delete_once(ctx, key, entry, options, validate)
        if validate is not None:
            await validate(obj, None)
        obj["metadata"]["deletionTimestamp"] = now_text()
        obj.setdefault("status", {})["phase"] = TERMINATING
        orphan = bool(options.orphan_dependents) or options.propagation_policy == "Orphan"
        finalizers = [f for f in obj["metadata"].get("finalizers", []) if f != FINALIZER_ORPHAN]
        set_finalizers(obj, [*finalizers, FINALIZER_ORPHAN] if orphan else finalizers)
        return Deleted(await self._store_marked(key, entry, obj, options.dry_run), False)
