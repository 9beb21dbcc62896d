"""The ResourceClaim kind (resource.k8s.io), namespaced. Next: `requests.py`, `claim_status.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    Column,
    ResourceDefinition,
    Subresource,
    VersionDefinition,
)
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.objectmeta import FIELD_IMMUTABLE
from kubern.registry.strategy import Strategy, keep_status
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update
from kubern_kubeapi.groups.resource.claim_status import drop_deallocated_devices, validate_claim_status
from kubern_kubeapi.groups.resource.internal_types import RESOURCE_TYPES
from kubern_kubeapi.groups.resource.requests import set_claim_defaults, validate_claim_spec

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

_SPEC = Path("spec")
_STATUS_KEEPS = ("labels", "annotations", "finalizers", "ownerReferences")


def _default(obj: Object) -> None:
    set_claim_defaults(obj.setdefault("spec", {}))


class ResourceClaimStrategy(Strategy):
    """Rules of claims: the spec does not change."""

    reset_fields = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["status"] = {}

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
        return errors + validate_claim_spec(obj.get("spec", {}), _SPEC)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
        errors += validate_object_meta_update(obj["metadata"], old["metadata"])
        spec = obj.get("spec", {})
        if not semantic_equal(spec, old.get("spec", {})):
            errors.append(field.invalid(_SPEC, RESOURCE_TYPES.render("ResourceClaimSpec", spec), FIELD_IMMUTABLE))
        return errors


class ResourceClaimStatusStrategy(ResourceClaimStrategy):
    """Rules of the status subresource."""

    reset_fields = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec", {})
        meta, stored = obj["metadata"], old["metadata"]
        for key in _STATUS_KEEPS:
            meta.pop(key, None)
            if key in stored:
                meta[key] = stored[key]
        drop_deallocated_devices(obj, old)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_object_meta_update(obj["metadata"], old["metadata"]) + validate_claim_status(obj, old)


def _state(obj: Object) -> str:
    status, deleted = obj.get("status", {}), "deletionTimestamp" in obj["metadata"]
    states = ["deleted"] if deleted else []
    if status.get("allocation") is None:
        states += [] if deleted else ["pending"]
    else:
        states.append("allocated")
        states += ["reserved"] if status.get("reservedFor") else []
    return ",".join(states)


def _cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], _state(obj), age(obj)]


_STATE = Column("State", description="A summary of the current state (allocated, pending, reserved, etc.).")

RESOURCE = ResourceDefinition(
    group="resource.k8s.io",
    resource="resourceclaims",
    kind="ResourceClaim",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("resource.k8s.io", "v1", "ResourceClaim"),
            default=_default,
            columns=(NAME_COLUMN, _STATE, AGE_COLUMN),
            cells=_cells,
        ),
    ),
    strategy=ResourceClaimStrategy(),
    return_deleted_object=True,
    singular="resourceclaim",
    subresources=(Subresource("status", strategy=ResourceClaimStatusStrategy()),),
)
