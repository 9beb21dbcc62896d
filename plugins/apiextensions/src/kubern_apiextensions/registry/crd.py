"""CustomResourceDefinitions as a resource: strategies, table, and the two steps of their deletion.

Upstream: registry/customresourcedefinition. Next: `../controllers/`, which work on what is stored here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubern.apimachinery.errors import StatusError, conflict, internal_error
from kubern.apimachinery.field import ErrorList
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    APIGroupInfo,
    Column,
    ResourceDefinition,
    Subresource,
    VersionDefinition,
)
from kubern.registry.before import now_text
from kubern.registry.encoding import encode_stored
from kubern.registry.errors import OPTIMISTIC_LOCK_ERROR, interpret
from kubern.registry.rest import DeleteOptions, Preconditions
from kubern.registry.store import ResourceStore, same_bytes
from kubern.registry.strategy import FieldPath, Strategy, keep_status
from kubern.registry.written import MAX_CONFLICT_RETRIES, Deleted
from kubern.storage import errors as storage_errors
from kubern_apiextensions.api import crd as crds
from kubern_apiextensions.api.defaults import set_defaults
from kubern_apiextensions.api.scheme import definition_schema

if TYPE_CHECKING:
    from kubern.registry.written import Validate
    from kubern.request import RequestContext
    from kubern.storage.cacher import Entry

Object = dict[str, Any]
GROUP_PRIORITY: Final = 16700
VERSION_PRIORITY: Final = 15
PENDING: Final = "InstanceDeletionPending"
_PENDING_TEXT: Final = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"


class DefinitionStrategy(Strategy):
    """Rules of the main resource: the status belongs to the server."""

    allow_unconditional_update = False
    reset_fields: tuple[FieldPath, ...] = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["status"] = {"acceptedNames": {"plural": "", "kind": ""}, "conditions": None, "storedVersions": None}
        obj["metadata"]["generation"] = 1
        _note_storage_version(obj)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)
        if not same_bytes(obj["spec"], old["spec"]):
            obj["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1
        _note_storage_version(obj)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        from kubern_apiextensions.api.validation.crd import validate_crd

        return validate_crd(obj)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        from kubern_apiextensions.api.validation.crd import validate_crd_update

        return validate_crd_update(obj, old)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        from kubern_apiextensions.api.validation.formats import format_warnings

        return format_warnings(obj)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return [] if same_bytes(obj["spec"], old["spec"]) else self.warnings_on_create(ctx, obj)


def _note_storage_version(crd: Object) -> None:
    """Objects may be stored in the storage version from now on."""
    status = crd["status"] = dict(crd.get("status") or {})
    stored = status.get("storedVersions") or []
    name = next((v["name"] for v in crds.versions(crd) if v.get("storage")), None)
    if name is not None and name not in stored:
        status["storedVersions"] = [*stored, name]


class DefinitionStatusStrategy(DefinitionStrategy):
    """Rules of the status subresource: the spec stays; metadata, unlike elsewhere, may change."""

    reset_fields = (("metadata",), ("spec",))

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old["spec"]

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        from kubern_apiextensions.api.validation.crd import validate_status_update

        return validate_status_update(obj, old)


def _failed_precondition(name: str, what: str, wanted: str, found: str) -> StatusError:
    gr = DEFINITION.group_resource
    return conflict(gr, name, f"Precondition failed: {what} in precondition: {wanted}, {what} in object meta: {found}")


def mark_as_terminating(crd: Object) -> None:
    """The first step of a deletion, in place: custom resources are to go before their definition does."""
    meta = crd["metadata"]
    meta.setdefault("deletionTimestamp", now_text())
    finalizers = meta.setdefault("finalizers", [])
    if crds.FINALIZER not in finalizers:
        finalizers.append(crds.FINALIZER)
    crds.set_condition(crd, crds.TERMINATING, "True", PENDING, _PENDING_TEXT)


class DefinitionStore(ResourceStore):
    """The generic store, except that the first delete only marks a definition."""

    async def delete(
        self, ctx: RequestContext, name: str, options: DeleteOptions, *, validate: Validate | None = None
    ) -> Deleted:
        """Mark, or delete what is marked already. Raises StatusError 404, 409 and what `validate` raises."""
        key = self.key("", name)
        entry = await self._read(key, name)
        if entry is None:
            raise self.not_found(name)
        crd = entry.decode()
        self._require(options, name, crd["metadata"])
        if "deletionTimestamp" in crd["metadata"]:
            return await super().delete(ctx, name, options, validate=validate)
        for _ in range(MAX_CONFLICT_RETRIES):
            if entry is None:
                raise self.not_found(name)
            try:
                return await self._mark(key, entry, options, validate)
            except storage_errors.Conflict as error:
                entry = await self._current(error)
            except storage_errors.StorageError as error:
                found = interpret(error, self.definition.group_resource, name)
                raise found if found.reason else internal_error(found.message) from error
        raise conflict(self.definition.group_resource, name, OPTIMISTIC_LOCK_ERROR)

    def _require(self, options: DeleteOptions, name: str, meta: Object) -> None:
        """Check preconditions, and that it is this very definition from here on. Raises StatusError 409."""
        wanted = options.preconditions or Preconditions()
        uid, version = meta.get("uid", ""), meta["resourceVersion"]
        if wanted.uid is not None and wanted.uid != uid:
            raise _failed_precondition(name, "UID", wanted.uid, uid)
        if wanted.resource_version is not None and wanted.resource_version != version:
            raise _failed_precondition(name, "ResourceVersion", wanted.resource_version, version)
        options.preconditions = Preconditions(uid=uid, resource_version=wanted.resource_version)

    async def _mark(self, key: str, entry: Entry, options: DeleteOptions, validate: Validate | None) -> Deleted:
        crd = entry.decode()
        self._require(options, entry.name, crd["metadata"])
        if validate is not None:
            await validate(crd, None)
        mark_as_terminating(crd)
        if not options.dry_run:
            written = await self.cacher.update(key, encode_stored(crd), entry.mod_rev)
            crd["metadata"]["resourceVersion"] = str(written.mod_rev)
        return Deleted(crd, False)


def _cells(crd: Object) -> list[Any]:
    return [crd["metadata"]["name"], crd["metadata"].get("creationTimestamp", "")]


DEFINITION: Final = ResourceDefinition(
    group=crds.GROUP,
    resource=crds.RESOURCE,
    kind=crds.KIND,
    versions=(
        VersionDefinition(
            crds.VERSION,
            schema=definition_schema,
            default=set_defaults,
            columns=(NAME_COLUMN, Column("Created At", "date", "", AGE_COLUMN.description)),
            cells=_cells,
        ),
    ),
    strategy=DefinitionStrategy(),
    namespaced=False,
    singular="customresourcedefinition",
    short_names=("crd", "crds"),
    categories=("api-extensions",),
    subresources=(Subresource("status", strategy=DefinitionStatusStrategy()),),
    storage_prefix=f"{crds.GROUP}/{crds.RESOURCE}",
    return_deleted_object=True,
    store=DefinitionStore,
)

API_GROUP: Final = APIGroupInfo(
    crds.GROUP,
    (crds.VERSION,),
    (DEFINITION,),
    group_priority_minimum=GROUP_PRIORITY,
    version_priorities=(VERSION_PRIORITY,),
)
