"""The generic store: create, get, list, watch, update, delete of any kind, steered by its Strategy.

Upstream: generic/registry/store.go, in the same order of steps. Reads (`reading.py`) come from the watch cache as bytes;
writes go to the storage with compare-and-swap. Next: `storage/cacher/cacher.py` below, `endpoints/verbs/` above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from kubern.apimachinery import errors
from kubern.apimachinery.errors import GroupKind, StatusError
from kubern.apimachinery.field import Path
from kubern.apimachinery.field import invalid as field_invalid
from kubern.apimachinery.managedfields.timestamps import ignore_managed_fields_timestamps
from kubern.registry import deletion
from kubern.registry.before import before_create, before_update, fill_system_fields
from kubern.registry.encoding import WrittenForm, encode_stored
from kubern.registry.errors import OPTIMISTIC_LOCK_ERROR, interpret, plain_error
from kubern.registry.reading import ReadStore
from kubern.registry.rest import DeleteOptions, Preconditions
from kubern.registry.written import (
    MAX_CONFLICT_RETRIES,
    Deleted,
    Finish,
    Object,
    UpdatedObject,
    Validate,
    Written,
)
from kubern.storage import errors as storage_errors
from kubern.storage.cacher import revisions
from kubern.util.json_copy import json_copy

if TYPE_CHECKING:
    from kubern.apimachinery.resource import ResourceDefinition
    from kubern.registry.strategy import Strategy
    from kubern.request import RequestContext
    from kubern.storage.cacher import Cacher, Entry

MAX_GENERATE_NAME_TRIES = 8
GENERATE_NAME_RETRY_SECONDS = 1


class ResourceStore(ReadStore):
    """Storage of one resource, all versions, in the storage (hub) version.

    Takes and gives dicts in the hub version; a dict handed in is owned by the store from then on.
    """

    def __init__(self, definition: ResourceDefinition, cacher: Cacher, *, garbage_collection: bool = True) -> None:
        super().__init__(definition, cacher)
        self.garbage_collection = garbage_collection
        self._written_form = WrittenForm()

    # ---------------------------------------------------------------- create

    async def create(
        self,
        ctx: RequestContext,
        obj: Object,
        *,
        validate: Validate | None = None,
        dry_run: bool = False,
        strategy: Strategy | None = None,
    ) -> Written:
        """Store a new object. Raises StatusError 400, 409, 422, and what `validate` and the hooks raise."""
        strategy = strategy or self.definition.strategy
        meta = obj["metadata"]
        version = meta.pop("resourceVersion", "")
        if meta.get("name") or not meta.get("generateName"):
            return await self._create_once(ctx, obj, version, validate, dry_run, strategy)
        for _ in range(MAX_GENERATE_NAME_TRIES - 1):
            try:
                return await self._create_once(ctx, json_copy(obj), version, validate, dry_run, strategy)
            except StatusError as error:
                if error.reason != "AlreadyExists":
                    raise
        return await self._create_once(ctx, obj, version, validate, dry_run, strategy)

    async def _create_once(
        self,
        ctx: RequestContext,
        obj: Object,
        version: str,
        validate: Validate | None,
        dry_run: bool,
        strategy: Strategy,
    ) -> Written:
        fill_system_fields(obj)
        hooks = self.definition.hooks
        finish: Finish | None = None
        if hooks.begin_create is not None:
            finish = await hooks.begin_create(ctx, obj, dry_run)
        try:
            before_create(ctx, self.definition, strategy, obj)
            self._written_form.apply(self.definition, obj)
            if validate is not None:
                await validate(obj, None)
            written = await self._put_new(obj, dry_run, version)
        except BaseException:
            if finish is not None:
                await finish(False)
            raise
        if finish is not None:
            await finish(True)
        if hooks.after_create is not None and not dry_run:
            await hooks.after_create(ctx, written.obj)
        return written

    async def _put_new(self, obj: Object, dry_run: bool, version: str) -> Written:
        meta = obj["metadata"]
        key = self.key(meta.get("namespace", ""), meta["name"])
        value = encode_stored(obj)
        if dry_run:
            current = await self._read(key, meta["name"])
            if current is not None:
                raise self._already_exists(obj, current)
            return Written(obj, None, True)
        if _is_revision(version):
            raise plain_error("resourceVersion should not be set on objects to be created")
        try:
            entry = await self.cacher.create(key, value, ttl=self._ttl(obj))
        except storage_errors.Conflict as error:
            raise self._already_exists(obj, await self._current(error)) from error
        except storage_errors.StorageError as error:
            raise interpret(error, self.definition.group_resource, meta["name"]) from error
        meta["resourceVersion"] = str(entry.mod_rev)
        return Written(obj, entry, True)

    def _ttl(self, obj: Object) -> int:
        return 0 if self.definition.ttl is None else self.definition.ttl(obj)

    def _already_exists(self, obj: Object, current: Entry | None) -> StatusError:
        meta = obj["metadata"]
        gr = self.definition.group_resource
        if meta.get("generateName"):
            return errors.generate_name_conflict(gr, meta["name"], GENERATE_NAME_RETRY_SECONDS)
        error = errors.already_exists(gr, meta["name"])
        if current is not None and "deletionTimestamp" in current.decode()["metadata"]:
            error = StatusError(409, "AlreadyExists", f"object is being deleted: {error.message}", error.details)
        return error

    # ---------------------------------------------------------------- update

    async def update(
        self,
        ctx: RequestContext,
        name: str,
        updated: UpdatedObject,
        *,
        validate: Validate | None = None,
        validate_create: Validate | None = None,
        preconditions: Preconditions | None = None,
        force_allow_create: bool = False,
        dry_run: bool = False,
        strategy: Strategy | None = None,
    ) -> Written:
        """Replace an object with what `updated` makes of it, retried on conflict with other writers.

        Creates it when the strategy (or `force_allow_create`) allows and there is none. Writes nothing when
        nothing changed. Deletes it when the update took the last finalizer of a deleted object.
        Raises StatusError 400, 404, 409, 422.
        """
        strategy = strategy or self.definition.strategy
        key = self.key(ctx.info.namespace, name)
        entry = await self._read(key, name)
        for _ in range(MAX_CONFLICT_RETRIES):
            old = entry.decode() if entry is not None else {"metadata": {}}
            self._check_uid_precondition(old, preconditions, key, name)
            if entry is None:
                return await self._create_on_update(
                    ctx, name, updated, strategy, validate_create, force_allow_create, dry_run
                )
            new = await updated(old)
            unconditional = self._check_version(new, entry.mod_rev, strategy, name)
            try:
                return await self._replace(ctx, key, entry, new, old, validate, dry_run, strategy)
            except storage_errors.Conflict as error:
                entry = await self._current(error)
                if entry is None and not unconditional:
                    raise self.not_found(name) from error
            except storage_errors.StorageError as error:
                raise interpret(error, self.definition.group_resource, name) from error
        raise errors.conflict(self.definition.group_resource, name, OPTIMISTIC_LOCK_ERROR)

    async def _create_on_update(
        self,
        ctx: RequestContext,
        name: str,
        updated: UpdatedObject,
        strategy: Strategy,
        validate: Validate | None,
        force_allow_create: bool,
        dry_run: bool,
    ) -> Written:
        if not (strategy.allow_create_on_update or force_allow_create):
            raise self.not_found(name)
        obj = await updated(None)
        parse_resource_version(obj["metadata"].pop("resourceVersion", ""))
        return await self.create(ctx, obj, validate=validate, dry_run=dry_run)

    def _check_uid_precondition(self, old: Object, preconditions: Preconditions | None, key: str, name: str) -> None:
        if preconditions is None or preconditions.uid is None:
            return
        uid = old["metadata"].get("uid", "")
        if preconditions.uid != uid:
            raise errors.conflict(
                self.definition.group_resource,
                name,
                f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: "
                f"Precondition failed: UID in precondition: {preconditions.uid}, UID in object meta: {uid}",
            )

    def _check_version(self, new: Object, current: int, strategy: Strategy, name: str) -> bool:
        """Whether the update is unconditional. Raises StatusError 409 for a stale version."""
        text = new["metadata"].get("resourceVersion", "")
        version = parse_resource_version(text)
        if version == 0:
            if not strategy.allow_unconditional_update:
                detail = field_invalid(Path("metadata", "resourceVersion"), 0, "must be specified for an update")
                gr = self.definition.group_resource
                raise errors.invalid(GroupKind(gr.group, gr.resource), name, [detail])
            return True
        if version != current:
            raise errors.conflict(self.definition.group_resource, name, OPTIMISTIC_LOCK_ERROR)
        return False

    async def _replace(
        self,
        ctx: RequestContext,
        key: str,
        entry: Entry,
        new: Object,
        old: Object,
        validate: Validate | None,
        dry_run: bool,
        strategy: Strategy,
    ) -> Written:
        new["metadata"]["resourceVersion"] = str(entry.mod_rev)
        hooks = self.definition.hooks
        finish: Finish | None = None
        main = strategy is self.definition.strategy
        if hooks.begin_update is not None and main:
            finish = await hooks.begin_update(ctx, new, old, dry_run)
        try:
            before_update(ctx, self.definition, strategy, new, old)
            self._written_form.apply(self.definition, new)
            ignore_managed_fields_timestamps(new, old)
            if validate is not None:
                await validate(new, old)
            written = await self._put_changed(ctx, key, entry, new, old, dry_run)
        except BaseException:
            if finish is not None:
                await finish(False)
            raise
        if finish is not None:
            await finish(True)
        if hooks.after_update is not None and main and not dry_run:
            await hooks.after_update(ctx, written.obj, old)
        return written

    async def _put_changed(
        self, ctx: RequestContext, key: str, entry: Entry, new: Object, old: Object, dry_run: bool
    ) -> Written:
        if self.deletes_during_update(new):
            return await self._delete_emptied(ctx, key, entry, new, dry_run)
        if new == old and same_bytes(new, old) and not await self.cacher.is_stale(entry):
            return Written(new, entry)
        value = encode_stored(new)
        if dry_run:
            return Written(new, None)
        written = await self.cacher.update(key, value, entry.mod_rev, ttl=self._ttl(new))
        new["metadata"]["resourceVersion"] = str(written.mod_rev)
        return Written(new, written)

    def deletes_during_update(self, new: Object) -> bool:
        """Whether an update is the last step of a deletion (upstream: ShouldDeleteDuringUpdate)."""
        return deletion.deletes_during_update(new)

    async def _delete_emptied(self, ctx: RequestContext, key: str, entry: Entry, new: Object, dry_run: bool) -> Written:
        if not dry_run:
            await self.cacher.delete(key, entry.mod_rev)
            await self._after_delete(ctx, new)
        return Written(new, None)

    async def _after_delete(self, ctx: RequestContext, obj: Object) -> None:
        if self.definition.hooks.after_delete is not None:
            await self.definition.hooks.after_delete(ctx, obj)

    # ---------------------------------------------------------------- delete

    async def delete(
        self, ctx: RequestContext, name: str, options: DeleteOptions, *, validate: Validate | None = None
    ) -> Deleted:
        """Delete, or begin to delete, an object. Raises StatusError 404, 409 and what `validate` raises."""
        key = self.key(ctx.info.namespace, name)
        entry = await self._read(key, name)
        for _ in range(MAX_CONFLICT_RETRIES):
            if entry is None:
                raise self.not_found(name)
            try:
                return await self._delete_once(ctx, key, entry, options, validate)
            except storage_errors.Conflict as error:
                entry = await self._current(error)
            except storage_errors.StorageError as error:
                raise interpret(error, self.definition.group_resource, name) from error
        raise errors.conflict(self.definition.group_resource, name, OPTIMISTIC_LOCK_ERROR)

    async def _delete_once(
        self,
        ctx: RequestContext,
        key: str,
        entry: Entry,
        options: DeleteOptions,
        validate: Validate | None,
    ) -> Deleted:
        obj = entry.decode()
        strategy = self.definition.strategy
        graceful, pending = deletion.before_delete(ctx, self.definition, strategy, obj, options)
        if pending:
            return Deleted(obj, False)
        if validate is not None:
            await validate(entry.decode(), None)
        if self.garbage_collection:
            finalizers = deletion.garbage_collection_finalizers(strategy, obj, options)
            if finalizers is not None:
                deletion.set_finalizers(obj, finalizers)
        held = bool(obj["metadata"].get("finalizers"))
        if held and not graceful:
            deletion.mark_as_deleting(obj)
        seconds = options.grace_period_seconds or 0
        if held or (graceful and seconds > 0):
            return Deleted(await self._store_marked(key, entry, obj, options.dry_run), False)
        if not options.dry_run:
            revision = entry.mod_rev
            if graceful:
                # As upstream: watchers see the object with its deletion time before it is gone.
                revision = (await self.cacher.update(key, encode_stored(obj), revision)).mod_rev
            gone = await self.cacher.delete(key, revision)
            obj["metadata"]["resourceVersion"] = str(gone.mod_rev)
            await self._after_delete(ctx, obj)
        return Deleted(obj, True)

    async def _store_marked(self, key: str, entry: Entry, obj: Object, dry_run: bool) -> Object:
        value = encode_stored(obj)
        if value != entry.value and not dry_run:
            written = await self.cacher.update(key, value, entry.mod_rev)
            obj["metadata"]["resourceVersion"] = str(written.mod_rev)
        return obj


def parse_resource_version(text: str) -> int:
    """A resourceVersion in an object's metadata; "" and "0" are 0. Raises StatusError 500 as upstream does."""
    try:
        return revisions.parse_resource_version(text)
    except storage_errors.InvalidResourceVersion as error:
        raise plain_error(error.reason) from None


def _is_revision(text: str) -> bool:
    """Whether a new object's resourceVersion names a revision; upstream passes over what is no number."""
    try:
        return revisions.parse_resource_version(text) != 0
    except storage_errors.InvalidResourceVersion:
        return False


def same_bytes(new: Object, old: Object) -> bool:
    """Equal as JSON but for the order of keys (Python alone takes 1 and true for equal)."""
    return orjson.dumps(new, option=orjson.OPT_SORT_KEYS) == orjson.dumps(old, option=orjson.OPT_SORT_KEYS)
