"""The CSIStorageCapacity kind (storage.k8s.io). Next: `csidriver.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation.objectmeta import validate_immutable
from kubern.apimachinery.validation.selector import validate_label_selector
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.node_labels import warnings_for_label_selector
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
_TOPOLOGY = Path("nodeTopology")
_CLASS = Path("storageClassName")


def validate_capacity(obj: Object, old: Object | None) -> ErrorList:
    """Upstream: ValidateCSIStorageCapacity; a selector that was invalid before may stay so."""
    from kubern.apimachinery.quantity import Quantity
    from kubern_kubeapi.groups.core.resource_lists import validate_nonnegative_quantity

    errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
    lenient = old is not None and bool(validate_label_selector(old.get("nodeTopology"), _TOPOLOGY))
    errors += validate_label_selector(obj.get("nodeTopology"), _TOPOLOGY, allow_invalid_label_value=lenient)
    name = obj.get("storageClassName", "")
    errors += [field.invalid(_CLASS, name, m) for m in names.is_dns1123_subdomain(name)]
    if obj.get("capacity") is not None:
        errors += validate_nonnegative_quantity(Quantity.parse(obj["capacity"]), Path("capacity"))
    return errors


class CSIStorageCapacityStrategy(Strategy):
    """Rules of storage capacities: where and of which class cannot change."""

    allow_unconditional_update = False

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_capacity(obj, None)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return warnings_for_label_selector(obj.get("nodeTopology"), _TOPOLOGY)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return warnings_for_label_selector(obj.get("nodeTopology"), _TOPOLOGY)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_capacity(obj, old) + validate_object_meta_update(obj["metadata"], old["metadata"])
        errors += validate_immutable(obj.get("nodeTopology"), old.get("nodeTopology"), _TOPOLOGY)
        return errors + validate_immutable(obj.get("storageClassName"), old.get("storageClassName"), _CLASS)


RESOURCE = ResourceDefinition(
    group="storage.k8s.io",
    resource="csistoragecapacities",
    kind="CSIStorageCapacity",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("storage.k8s.io", "v1", "CSIStorageCapacity"),
        ),
    ),
    strategy=CSIStorageCapacityStrategy(),
    singular="csistoragecapacity",
)
