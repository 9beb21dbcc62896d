"""The IPAddress kind (networking.k8s.io): an allocated address, named by itself. Next: `allocation/cluster_ips.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.errors import GroupResource
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import NAME_COLUMN, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation import net
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.objectmeta import FIELD_IMMUTABLE
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.gostruct import Catalog
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
_PARENT = Path("spec", "parentRef")
_TYPES = Catalog("ParentReference Group Resource Namespace Name")


def name_is_ip_address(name: str, prefix: bool) -> list[str]:
    """The name is an address in canonical form; generated names are not for this kind."""
    return [error.detail for error in net.validate_ip(Path(""), name)]


def _validate_parent(parent: Object | None) -> ErrorList:
    if parent is None:
        return [field.required(_PARENT)]
    errors: ErrorList = []
    group = parent.get("group", "")
    if group:
        errors += [field.invalid(_PARENT.child("group"), group, m) for m in names.is_dns1123_subdomain(group)]
    for key in ("resource", "name", "namespace"):
        value = parent.get(key, "")
        if not value and key != "namespace":
            errors.append(field.required(_PARENT.child(key)))
        errors += [field.invalid(_PARENT.child(key), value, m) for m in names.is_valid_path_segment_name(value)]
    return errors


class IPAddressStrategy(Strategy):
    """Rules of IP addresses."""

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], False, name_is_ip_address)
        return errors + _validate_parent(obj.get("spec", {}).get("parentRef"))

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = self.validate(ctx, obj) + validate_object_meta_update(obj["metadata"], old["metadata"])
        new, previous = obj.get("spec", {}).get("parentRef"), old.get("spec", {}).get("parentRef")
        if semantic_equal(new, previous):
            return errors
        return [*errors, field.invalid(_PARENT, _TYPES.render("ParentReference", new), FIELD_IMMUTABLE)]

    def validate_name(self, name: str, prefix: bool) -> list[str]:
        return name_is_ip_address(name, prefix)


def _parent_text(parent: Mapping[str, Any] | None) -> str:
    if parent is None:
        return "<none>"
    resource = str(GroupResource(parent.get("group", ""), parent.get("resource", ""))).lower()
    namespace = f"/{parent['namespace']}" if parent.get("namespace") else ""
    return f"{resource}{namespace}/{parent.get('name', '')}"


def _cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], _parent_text(obj.get("spec", {}).get("parentRef")), age(obj)]


RESOURCE = ResourceDefinition(
    group="networking.k8s.io",
    resource="ipaddresses",
    kind="IPAddress",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("networking.k8s.io", "v1", "IPAddress"),
            # As upstream's, the rows have one cell more, the age.
            columns=(NAME_COLUMN, described("ParentRef", "networking.v1.IPAddressSpec.parentRef")),
            cells=_cells,
        ),
    ),
    strategy=IPAddressStrategy(),
    namespaced=False,
    singular="ipaddress",
    short_names=("ip",),
)
