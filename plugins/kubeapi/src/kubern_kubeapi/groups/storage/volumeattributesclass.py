"""The VolumeAttributesClass kind (storage.k8s.io). Next: `storageclass.py`, its sibling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation.objectmeta import validate_immutable
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update
from kubern_kubeapi.groups.storage.names import class_name_text, validate_parameters, validate_provisioner

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

_DEFAULT_MARKS = ("volumeattributesclass.alpha.kubernetes.io/is-default-class",)


class VolumeAttributesClassStrategy(Strategy):
    """Rules of volume attributes classes: driver and parameters cannot change."""

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
        errors += validate_provisioner(obj.get("driverName", ""), Path("driverName"))
        return errors + validate_parameters(obj.get("parameters"), False, Path("parameters"))

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = self.validate(ctx, obj) + validate_object_meta_update(obj["metadata"], old["metadata"])
        for name in ("driverName", "parameters"):
            errors += validate_immutable(obj.get(name), old.get(name), Path(name))
        return errors


def _cells(obj: Object) -> list[Any]:
    return [class_name_text(obj, _DEFAULT_MARKS), obj.get("driverName", ""), age(obj)]


RESOURCE = ResourceDefinition(
    group="storage.k8s.io",
    resource="volumeattributesclasses",
    kind="VolumeAttributesClass",
    return_deleted_object=True,
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("storage.k8s.io", "v1", "VolumeAttributesClass"),
            columns=(
                NAME_COLUMN,
                described("DriverName", "storage.v1.VolumeAttributesClass.driverName"),
                AGE_COLUMN,
            ),
            cells=_cells,
        ),
    ),
    strategy=VolumeAttributesClassStrategy(),
    namespaced=False,
    singular="volumeattributesclass",
    short_names=("vac",),
)
