"""The DeviceClass kind (resource.k8s.io), cluster-scoped. Next: `requests.py`, which share its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import name_and_age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy, bump_generation
from kubern_kubeapi.groups.core.resource_lists import is_extended_resource
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update
from kubern_kubeapi.groups.resource.limits import validate_list
from kubern_kubeapi.groups.resource.requests import MAX_CONFIG, validate_configuration
from kubern_kubeapi.groups.resource.selectors import validate_selectors

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

_SPEC = Path("spec")


def _validate_spec(spec: Object) -> ErrorList:
    errors = validate_selectors(spec.get("selectors"), _SPEC.child("selectors"))
    errors += validate_list(spec.get("config"), MAX_CONFIG, validate_configuration, _SPEC.child("config"))
    name = spec.get("extendedResourceName")
    if name is not None and not is_extended_resource(name):
        detail = "must be a valid extended resource name"
        errors.append(field.invalid(_SPEC.child("extendedResourceName"), name, detail))
    return errors


class DeviceClassStrategy(Strategy):
    """Rules of device classes."""

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["metadata"]["generation"] = 1

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        bump_generation(obj, old)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
        return errors + _validate_spec(obj.get("spec", {}))

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
        errors += validate_object_meta_update(obj["metadata"], old["metadata"])
        return errors + _validate_spec(obj.get("spec", {}))


RESOURCE = ResourceDefinition(
    group="resource.k8s.io",
    resource="deviceclasses",
    kind="DeviceClass",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("resource.k8s.io", "v1", "DeviceClass"),
            columns=(NAME_COLUMN, AGE_COLUMN),
            cells=name_and_age,
        ),
    ),
    strategy=DeviceClassStrategy(),
    return_deleted_object=True,
    namespaced=False,
    singular="deviceclass",
)
