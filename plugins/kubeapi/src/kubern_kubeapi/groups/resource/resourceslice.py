"""The ResourceSlice kind (resource.k8s.io), cluster-scoped. Next: `devices.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation.objectmeta import validate_immutable
from kubern.registry.before import now_text
from kubern.registry.strategy import Strategy, bump_generation
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.core.node_selector import validate_node_selector
from kubern_kubeapi.groups.core.pod.internal_types import CORE_TYPES
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update
from kubern_kubeapi.groups.resource.devices import TRUE_OR_UNSET, validate_counter_set, validate_device
from kubern_kubeapi.groups.resource.limits import (
    validate_driver_name,
    validate_pool_name,
    validate_set,
    validate_subdomain,
)

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

MAX_DEVICES = 128
MAX_TAINTED_DEVICES = 64
"""The limit when some device has taints or consumes counters."""
MAX_COUNTER_SETS = 8
_SPEC = Path("spec")
_LIST_ATTRIBUTES = ("bools", "ints", "strings", "versions")
_ONE_PLACE = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required"


def set_slice_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_DeviceTaint."""
    for device in obj.get("spec", {}).get("devices") or ():
        for taint in device.get("taints") or ():
            if taint.get("timeAdded") is None:
                taint["timeAdded"] = now_text()


def _drop_disabled(obj: Object, old: Object | None) -> None:
    """Fields of features that are off by default are kept only where they are in use."""
    devices = obj.get("spec", {}).get("devices") or ()
    stored = (old or {}).get("spec", {}).get("devices") or ()
    if not any(_has_list_attributes(device) for device in stored):
        for attribute in (a for d in devices for a in (d.get("attributes") or {}).values()):
            for name in _LIST_ATTRIBUTES:
                attribute.pop(name, None)
    if not any("nodeAllocatableResourceMappings" in device for device in stored):
        for device in devices:
            device.pop("nodeAllocatableResourceMappings", None)


def _has_list_attributes(device: Object) -> bool:
    return any(name in a for a in (device.get("attributes") or {}).values() for name in _LIST_ATTRIBUTES)


def _validate_spec(spec: Object, old: Object | None) -> ErrorList:
    errors = validate_driver_name(spec.get("driver", ""), _SPEC.child("driver"))
    errors += _validate_pool(spec.get("pool", {}))
    if old is not None:
        pool, stored = (s.get("pool", {}).get("name", "") for s in (spec, old))
        errors += validate_immutable(pool, stored, _SPEC.child("pool", "name"))
        errors += validate_immutable(spec.get("driver", ""), old.get("driver", ""), _SPEC.child("driver"))
        errors += validate_immutable(spec.get("nodeName"), old.get("nodeName"), _SPEC.child("nodeName"))
    return errors + _validate_place(spec) + _validate_contents(spec)


def _validate_pool(pool: Object) -> ErrorList:
    at, count, generation = _SPEC.child("pool"), pool.get("resourceSliceCount", 0), pool.get("generation", 0)
    errors = validate_pool_name(pool.get("name", ""), at.child("name"))
    if count <= 0:
        errors.append(field.invalid(at.child("resourceSliceCount"), count, "must be greater than zero"))
    if generation < 0:
        errors.append(field.invalid(at.child("generation"), generation, "must be greater than or equal to zero"))
    return errors


def _validate_place(spec: Object) -> ErrorList:
    errors: ErrorList = []
    given: list[str] = []
    node, selector = spec.get("nodeName"), spec.get("nodeSelector")
    if node is not None:
        at = _SPEC.child("nodeName")
        if node:
            given.append("`nodeName`")
            errors += validate_subdomain(node, at)
        else:
            errors.append(field.invalid(at, node, "must be either unset or set to a non-empty string"))
    if selector is not None:
        given.append("`nodeSelector`")
        errors += _validate_one_term(selector)
    for name in ("allNodes", "perDeviceNodeSelection"):
        if spec.get(name):
            given.append(f"`{name}`")
        elif spec.get(name) is not None:
            errors.append(field.invalid(_SPEC.child(name), spec[name], TRUE_OR_UNSET))
    if not given:
        errors.append(field.required(_SPEC, _ONE_PLACE))
    elif len(given) > 1:
        detail = f"{_ONE_PLACE}, but multiple fields are set"
        errors.append(field.invalid(_SPEC, f"{{{', '.join(given)}}}", detail))
    return errors


def _validate_one_term(selector: Object) -> ErrorList:
    errors = validate_node_selector(selector, _SPEC.child("nodeSelector"))
    terms = selector.get("nodeSelectorTerms") or []
    if len(terms) != 1:
        shown = CORE_TYPES.render_list("NodeSelectorTerm", terms or None)
        at = _SPEC.child("nodeSelector", "nodeSelectorTerms")
        errors.append(field.invalid(at, shown, "must have exactly one node selector term"))
    return errors


def _validate_contents(spec: Object) -> ErrorList:
    devices, counters = spec.get("devices"), spec.get("sharedCounters")
    errors: ErrorList = []
    if devices is not None and counters is not None:
        errors.append(field.invalid(_SPEC, "", "only one of `sharedCounters` or `devices` is allowed"))
    devices = devices or []
    special = any(device.get("taints") or device.get("consumesCounters") for device in devices)
    places_itself = bool(spec.get("perDeviceNodeSelection"))
    errors += validate_set(
        devices,
        MAX_TAINTED_DEVICES if special else MAX_DEVICES,
        lambda device, path: validate_device(device, path, places_itself=places_itself),
        _SPEC.child("devices"),
        key=lambda device: str(device.get("name", "")),
    )
    return errors + validate_set(
        counters,
        MAX_COUNTER_SETS,
        validate_counter_set,
        _SPEC.child("sharedCounters"),
        key=lambda counter_set: str(counter_set.get("name", "")),
    )


class ResourceSliceStrategy(Strategy):
    """Rules of slices: driver, pool and node stay."""

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["metadata"]["generation"] = 1
        _drop_disabled(obj, None)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        _drop_disabled(obj, old)
        bump_generation(obj, old)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
        return errors + _validate_spec(obj.get("spec", {}), None)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        return errors + _validate_spec(obj.get("spec", {}), old.get("spec", {}))


def _fields(obj: Object) -> Mapping[str, str]:
    spec = obj.get("spec", {})
    return {"spec.nodeName": spec.get("nodeName") or "", "spec.driver": spec.get("driver", "")}


def _cells(obj: Object) -> list[Any]:
    spec = obj.get("spec", {})
    pool = spec.get("pool", {}).get("name", "")
    return [obj["metadata"]["name"], spec.get("nodeName") or "", spec.get("driver", ""), pool, age(obj)]


_COLUMNS = (
    NAME_COLUMN,
    described("Node", "resource.v1.ResourceSliceSpec.nodeName"),
    described("Driver", "resource.v1.ResourceSliceSpec.driver"),
    described("Pool", "resource.v1.ResourcePool.name"),
    AGE_COLUMN,
)

RESOURCE = ResourceDefinition(
    group="resource.k8s.io",
    resource="resourceslices",
    kind="ResourceSlice",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("resource.k8s.io", "v1", "ResourceSlice"),
            default=set_slice_defaults,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=ResourceSliceStrategy(),
    return_deleted_object=True,
    namespaced=False,
    singular="resourceslice",
    selectable_fields=("spec.nodeName", "spec.driver"),
    fields=_fields,
)
