"""The Lease kind (coordination.k8s.io): leader election and heartbeats. Next: `controllers/identity_lease.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
_SPEC = Path("spec")
_COORDINATED = ("strategy", "preferredHolder")


def _drop_coordinated(obj: Object, old: Object | None) -> None:
    """Fields of CoordinatedLeaderElection, which is off by default; kept when the lease already uses them."""
    before = old.get("spec", {}) if old is not None else {}
    if not any(before.get(name) is not None for name in _COORDINATED):
        for name in _COORDINATED:
            obj.get("spec", {}).pop(name, None)


def _validate_spec(spec: Object) -> ErrorList:
    errors: ErrorList = []
    seconds, transitions = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
    if seconds is not None and seconds <= 0:
        errors.append(field.invalid(_SPEC.child("leaseDurationSeconds"), seconds, "must be greater than 0"))
    if transitions is not None and transitions < 0:
        detail = "must be greater than or equal to 0"
        errors.append(field.invalid(_SPEC.child("leaseTransitions"), transitions, detail))
    if spec.get("preferredHolder") and not spec.get("strategy"):
        at = _SPEC.child("preferredHolder")
        errors.append(field.forbidden(at, "may only be specified if `strategy` is defined"))
    return errors


class LeaseStrategy(Strategy):
    """Rules of leases."""

    allow_create_on_update = True
    allow_unconditional_update = False

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        _drop_coordinated(obj, None)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        _drop_coordinated(obj, old)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
        return errors + _validate_spec(obj.get("spec", {}))

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_object_meta_update(obj["metadata"], old["metadata"]) + _validate_spec(obj.get("spec", {}))


def _cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], obj.get("spec", {}).get("holderIdentity") or "", age(obj)]


RESOURCE = ResourceDefinition(
    group="coordination.k8s.io",
    resource="leases",
    kind="Lease",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("coordination.k8s.io", "v1", "Lease"),
            columns=(NAME_COLUMN, described("Holder", "coordination.v1.LeaseSpec.holderIdentity"), AGE_COLUMN),
            cells=_cells,
        ),
    ),
    strategy=LeaseStrategy(),
    singular="lease",
)
