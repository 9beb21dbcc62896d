"""Changes of a stored object past its strategy: no validation, no admission, no field ownership.

Upstream: storage.Interface's GuaranteedUpdate, as special subresources call it (binding). Next: `store.py` for updates
by the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import errors
from kubern.registry.encoding import encode_stored
from kubern.registry.errors import OPTIMISTIC_LOCK_ERROR, interpret
from kubern.registry.written import MAX_CONFLICT_RETRIES, Written
from kubern.storage import errors as storage_errors

if TYPE_CHECKING:
    from kubern.registry.rest import Preconditions
    from kubern.registry.store import ResourceStore

Object = dict[str, Any]


async def guaranteed_update(
    store: ResourceStore,
    namespace: str,
    name: str,
    change: Callable[[Object], None],
    *,
    preconditions: Preconditions | None = None,
    dry_run: bool = False,
) -> Written:
    """Read, change in place, write, again after a conflict. Raises StatusError and what `change` raises."""
    key = store.key(namespace, name)
    gr = store.definition.group_resource
    for _ in range(MAX_CONFLICT_RETRIES):
        try:
            entry = await store.cacher.get(key)
            if entry is None:
                raise store.not_found(name)
            obj = entry.decode()
            _check(store, key, obj, preconditions)
            change(obj)
            value = encode_stored(obj)
            if dry_run or value == entry.value:
                return Written(obj, None)
            written = await store.cacher.update(key, value, entry.mod_rev)
        except storage_errors.Conflict:
            continue
        except storage_errors.StorageError as error:
            raise interpret(error, gr, name) from error
        obj["metadata"]["resourceVersion"] = str(written.mod_rev)
        return Written(obj, written)
    raise errors.conflict(gr, name, OPTIMISTIC_LOCK_ERROR)


def _check(store: ResourceStore, key: str, obj: Object, preconditions: Preconditions | None) -> None:
    """Raises StatusError 409 when the object is not the one that was meant."""
    if preconditions is None:
        return
    meta = obj["metadata"]
    for what, wanted, found in (
        ("UID", preconditions.uid, meta.get("uid", "")),
        ("ResourceVersion", preconditions.resource_version, meta.get("resourceVersion", "")),
    ):
        if wanted is not None and wanted != found:
            detail = f"Precondition failed: {what} in precondition: {wanted}, {what} in object meta: {found}"
            message = (
                f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: {detail}"
            )
            raise errors.conflict(store.definition.group_resource, meta["name"], message)
