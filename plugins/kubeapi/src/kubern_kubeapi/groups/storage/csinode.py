"""The CSINode kind (storage.k8s.io): the CSI drivers on a node. Next: `csidriver.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, Column, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.objectmeta import FIELD_IMMUTABLE, validate_nonnegative
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta
from kubern_kubeapi.groups.storage.names import validate_csi_driver_name, validate_topology_keys

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

_DRIVERS = Path("spec", "drivers")
_MAX_NODE_ID = 256


def _validate_driver(driver: Object, seen: set[str], path: Path) -> ErrorList:
    name, node_id = driver.get("name", ""), driver.get("nodeID", "")
    errors = validate_csi_driver_name(name, path.child("name"))
    if not node_id:
        errors.append(field.required(path.child("nodeID")))
    if len(node_id) > _MAX_NODE_ID:
        errors.append(field.invalid(path.child("nodeID"), node_id, f"must be {_MAX_NODE_ID} characters or less"))
    count = (driver.get("allocatable") or {}).get("count")
    if count is not None:
        errors += validate_nonnegative(count, path.child("allocatable", "count"))
    if name in seen:
        errors.append(field.duplicate(path.child("name"), name))
    seen.add(name)
    return errors + validate_topology_keys(driver.get("topologyKeys") or [], path)


def _drivers(obj: Object) -> list[Object]:
    return obj.get("spec", {}).get("drivers") or []


def _fixed(driver: Object) -> Object:
    """What of a driver never changes: all but how many volumes it can attach."""
    return {k: v for k, v in driver.items() if k != "allocatable"}


def _internal(driver: Object) -> Object:
    """The driver as messages show it."""
    count = driver.get("allocatable")
    return {
        "Name": driver.get("name", ""),
        "NodeID": driver.get("nodeID", ""),
        "TopologyKeys": driver.get("topologyKeys") or None,
        "Allocatable": None if count is None else {"Count": count.get("count")},
    }


class CSINodeStrategy(Strategy):
    """Rules of CSI nodes: drivers come and go, but do not change."""

    allow_unconditional_update = False

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
        seen: set[str] = set()
        for i, driver in enumerate(_drivers(obj)):
            errors += _validate_driver(driver, seen, _DRIVERS.index(i))
        return errors

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = self.validate(ctx, obj)
        for before in _drivers(old):
            for driver in _drivers(obj):
                if driver.get("name") == before.get("name") and not semantic_equal(_fixed(driver), _fixed(before)):
                    errors.append(field.invalid(_DRIVERS, _internal(_fixed(driver)), FIELD_IMMUTABLE))
        return errors


def _cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], len(_drivers(obj)), age(obj)]


RESOURCE = ResourceDefinition(
    group="storage.k8s.io",
    resource="csinodes",
    kind="CSINode",
    return_deleted_object=True,
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("storage.k8s.io", "v1", "CSINode"),
            columns=(
                NAME_COLUMN,
                Column(
                    "Drivers",
                    "integer",
                    description="Drivers indicates the number of CSI drivers registered on the node",
                ),
                AGE_COLUMN,
            ),
            cells=_cells,
        ),
    ),
    strategy=CSINodeStrategy(),
    namespaced=False,
    singular="csinode",
)
