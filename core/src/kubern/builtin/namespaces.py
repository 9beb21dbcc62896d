"""The Namespace kind, which core itself serves when no member claims the core group.

Next: `registry/store.py`, which applies the strategies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    Column,
    Object,
    ResourceDefinition,
    Subresource,
    VersionDefinition,
)
from kubern.apimachinery.validation.coremeta import (
    validate_core_finalizer_name,
    validate_core_object_meta,
    validate_kube_finalizer_name,
)
from kubern.apimachinery.validation.objectmeta import METADATA, validate_object_meta_update
from kubern.builtin.namespace_store import NamespaceStore
from kubern.registry.strategy import Strategy, keep_status

if TYPE_CHECKING:
    from kubern.apimachinery.schema.model import Schema
    from kubern.request import RequestContext

FINALIZER_KUBERNETES: Final = "kubernetes"
NAME_LABEL: Final = "kubernetes.io/metadata.name"
_FINALIZERS = Path("spec", "finalizers")
_PHASE = Path("status", "Phase")


class NamespaceStrategy(Strategy):
    """Rules of namespaces themselves: finalizers change through the finalize subresource only."""

    reset_fields = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["status"] = {"phase": "Active"}
        finalizers = obj.setdefault("spec", {}).setdefault("finalizers", [])
        if FINALIZER_KUBERNETES not in finalizers:
            finalizers.append(FINALIZER_KUBERNETES)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_core_object_meta(obj["metadata"], False, names.name_is_dns_label)
        for name in obj.get("spec", {}).get("finalizers") or ():
            errors += validate_core_finalizer_name(name, _FINALIZERS)
        return errors

    def canonicalize(self, obj: Object) -> None:
        set_name_label(obj)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = {**obj.get("spec", {}), "finalizers": old.get("spec", {}).get("finalizers", [])}
        if not obj["spec"]["finalizers"]:
            del obj["spec"]["finalizers"]
        keep_status(obj, old)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return self.validate(ctx, obj) + _validate_meta_update(obj, old)

    def validate_name(self, name: str, prefix: bool) -> list[str]:
        return names.name_is_dns_label(name, prefix)


class NamespaceStatusStrategy(NamespaceStrategy):
    """Rules of the status subresource: the phase goes with deletionTimestamp."""

    reset_fields = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec", {})

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = _validate_meta_update(obj, old)
        phase = obj.get("status", {}).get("phase", "")
        if not obj["metadata"].get("deletionTimestamp"):
            if phase != "Active":
                errors.append(field.invalid(_PHASE, phase, "may only be 'Active' if `deletionTimestamp` is empty"))
        elif phase != "Terminating":
            detail = "may only be 'Terminating' if `deletionTimestamp` is not empty"
            errors.append(field.invalid(_PHASE, phase, detail))
        return errors


class NamespaceFinalizeStrategy(NamespaceStrategy):
    """Rules of the finalize subresource, which keeps the status."""

    reset_fields = (("status",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = _validate_meta_update(obj, old)
        for i, name in enumerate(obj.get("spec", {}).get("finalizers") or ()):
            errors += validate_core_finalizer_name(name, _FINALIZERS.index(i))
        return errors


def _validate_meta_update(obj: Object, old: Object) -> ErrorList:
    meta = obj["metadata"]
    errors = validate_object_meta_update(meta, old["metadata"])
    for i, name in enumerate(meta.get("finalizers") or ()):
        errors += validate_kube_finalizer_name(name, METADATA.child("finalizers").index(i))
    return errors


def set_name_label(obj: Object) -> None:
    """Every namespace carries its name as a label, so that selectors can name it."""
    meta = obj["metadata"]
    if meta.get("name"):
        meta["labels"] = {**(meta.get("labels") or {}), NAME_LABEL: meta["name"]}


def set_namespace_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_Namespace and SetDefaults_NamespaceStatus."""
    set_name_label(obj)
    status = obj.setdefault("status", {})
    if not status.get("phase"):
        status["phase"] = "Active"


def _fields(obj: Object) -> Mapping[str, str]:
    return {"status.phase": obj.get("status", {}).get("phase", "")}


_COLUMNS = (NAME_COLUMN, Column("Status", description="The status of the namespace"), AGE_COLUMN)


def _cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], obj.get("status", {}).get("phase", ""), age(obj)]


def namespace_resource(schema: Callable[[], Schema] | None) -> ResourceDefinition:
    """The declaration, with the schema that the serving member has for the kind."""
    return ResourceDefinition(
        group="",
        resource="namespaces",
        kind="Namespace",
        versions=(
            VersionDefinition("v1", schema=schema, default=set_namespace_defaults, columns=_COLUMNS, cells=_cells),
        ),
        strategy=NamespaceStrategy(),
        namespaced=False,
        singular="namespace",
        short_names=("ns",),
        verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
        selectable_fields=("status.phase",),
        fields=_fields,
        subresources=(
            Subresource("finalize", verbs=("update",), strategy=NamespaceFinalizeStrategy()),
            Subresource("status", strategy=NamespaceStatusStrategy()),
        ),
        store=NamespaceStore,
        return_deleted_object=True,
    )
