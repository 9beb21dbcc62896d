"""The ServiceCIDR kind (networking.k8s.io): a range of cluster IPs. Next: `allocation/cluster_ips.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, ResourceDefinition, Subresource, VersionDefinition
from kubern.apimachinery.validation import net
from kubern.apimachinery.validation.objectmeta import FIELD_IMMUTABLE
from kubern.registry.strategy import Strategy, keep_status
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
_CIDRS = Path("spec", "cidrs")
_MAX_CIDRS = 2


def _validate_cidrs(cidrs: list[str]) -> ErrorList:
    if not cidrs:
        return [field.required(_CIDRS, "at least one CIDR required")]
    if len(cidrs) > _MAX_CIDRS:
        return [field.invalid(_CIDRS, {"CIDRs": cidrs}, "may only hold up to 2 values")]
    errors = [error for i, cidr in enumerate(cidrs) for error in net.validate_cidr(_CIDRS.index(i), cidr)]
    parsed = [net.parse_cidr(cidr) for cidr in cidrs]
    versions = [p[1].version for p in parsed if p is not None]
    if len(versions) == _MAX_CIDRS and versions[0] == versions[1]:
        detail = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"
        errors.append(field.invalid(_CIDRS, cidrs, detail))
    return errors


def _cidrs(obj: Object) -> list[str]:
    return obj.get("spec", {}).get("cidrs") or []


class ServiceCIDRStrategy(Strategy):
    """Rules of service CIDRs: a second family may come, nothing else changes."""

    reset_fields = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["status"] = {}

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
        return errors + _validate_cidrs(_cidrs(obj))

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = self.validate(ctx, obj) + validate_object_meta_update(obj["metadata"], old["metadata"])
        new, previous = _cidrs(obj), _cidrs(old)
        if len(new) == len(previous):
            pairs = enumerate(zip(new, previous, strict=True))
            return errors + [field.invalid(_CIDRS.index(i), a, FIELD_IMMUTABLE) for i, (a, b) in pairs if a != b]
        if len(previous) == 1 and len(new) == _MAX_CIDRS:
            if new[0] != previous[0]:
                errors.append(field.invalid(_CIDRS.index(0), new[0], FIELD_IMMUTABLE))
            return errors + _validate_cidrs(new)
        return [*errors, field.invalid(_CIDRS, new or None, FIELD_IMMUTABLE)]


class ServiceCIDRStatusStrategy(ServiceCIDRStrategy):
    """Rules of the status subresource."""

    reset_fields = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec", {})

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_object_meta_update(obj["metadata"], old["metadata"])


def _cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], ",".join(_cidrs(obj)), age(obj)]


RESOURCE = ResourceDefinition(
    group="networking.k8s.io",
    resource="servicecidrs",
    kind="ServiceCIDR",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("networking.k8s.io", "v1", "ServiceCIDR"),
            columns=(NAME_COLUMN, described("CIDRs", "networking.v1.ServiceCIDRSpec.cidrs"), AGE_COLUMN),
            cells=_cells,
        ),
    ),
    strategy=ServiceCIDRStrategy(),
    namespaced=False,
    singular="servicecidr",
    subresources=(Subresource("status", strategy=ServiceCIDRStatusStrategy()),),
)
