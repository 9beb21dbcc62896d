"""The ReplicaSet kind: defaults, rules, table. Next: `../workloads.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    ResourceDefinition,
    ScaleSpec,
    Subresource,
    VersionDefinition,
)
from kubern.apimachinery.validation.selector import format_label_selector
from kubern_kubeapi.groups.apps.deployment import scale_selector, validate_immutable_selector
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.core.pod.defaults import default_pod_template
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update
from kubern_kubeapi.groups.workload_strategy import WorkloadStatusStrategy, WorkloadStrategy
from kubern_kubeapi.groups.workloads import (
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
    SPEC,
    STATUS,
    container_cells,
    is_malformed_selector,
    selector_value,
    template_of,
    template_options,
    validate_counters,
    validate_not_above,
    validate_required_selector,
    validate_template,
)

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]


def default_replica_set(replica_set: Object) -> None:
    spec = replica_set.setdefault("spec", {})
    if spec.get("replicas") is None:
        spec["replicas"] = 1
    default_pod_template(spec.setdefault("template", {}))


def _validate_spec(spec: Object, options: PodValidationOptions) -> ErrorList:
    errors = validate_counters(spec, ("replicas", "minReadySeconds"), SPEC)
    # Upstream's message names the deployment here too.
    errors += validate_required_selector(spec, "deployment", SPEC, options)
    if is_malformed_selector(spec.get("selector")):
        shown = selector_value(spec["selector"])
        return [*errors, field.invalid(SPEC.child("selector"), shown, "invalid label selector")]
    return errors + validate_template(spec, "ReplicaSet", SPEC, options)


def validate_replica_status(status: Mapping[str, Any]) -> ErrorList:
    """Counters of replica sets and replication controllers."""
    bounded = ("fullyLabeledReplicas", "readyReplicas", "availableReplicas")
    counters = ("replicas", *bounded, "terminatingReplicas", "observedGeneration")
    errors = validate_counters(status, counters, STATUS)
    errors += validate_not_above(status, bounded, "replicas", "cannot be greater than status.replicas")
    detail = "cannot be greater than readyReplicas"
    return errors + validate_not_above(status, ("availableReplicas",), "readyReplicas", detail)


class ReplicaSetStrategy(WorkloadStrategy):
    """Rules of ReplicaSet objects."""

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return self._validate_whole(obj, template_options(None))

    def _validate_whole(self, obj: Object, options: PodValidationOptions) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
        return errors + _validate_spec(obj["spec"], options)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        options = template_options(old)
        errors = self._validate_whole(obj, options)
        errors += validate_object_meta_update(obj["metadata"], old["metadata"])
        errors += _validate_spec(obj["spec"], options)
        return errors + validate_immutable_selector(obj, old)


class ReplicaSetStatusStrategy(WorkloadStatusStrategy, ReplicaSetStrategy):
    """Rules of the status subresource."""

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        return errors + validate_replica_status(obj.get("status") or {})


_COLUMNS = (
    NAME_COLUMN,
    described("Desired", "apps.v1.ReplicaSetSpec.replicas", "integer"),
    described("Current", "apps.v1.ReplicaSetStatus.replicas", "integer"),
    described("Ready", "apps.v1.ReplicaSetStatus.readyReplicas", "integer"),
    AGE_COLUMN,
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
    described("Selector", "apps.v1.ReplicaSetSpec.selector", priority=1),
)


def replica_cells(obj: Mapping[str, Any], selector: str) -> list[Any]:
    """The cells of a replica set or replication controller."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    return [
        obj["metadata"].get("name", ""),
        spec.get("replicas") or 0,
        status.get("replicas") or 0,
        status.get("readyReplicas") or 0,
        age(obj),
        *container_cells(template_of(obj)),
        selector,
    ]


def _cells(obj: Mapping[str, Any]) -> list[Any]:
    return replica_cells(obj, format_label_selector((obj.get("spec") or {}).get("selector")))


RESOURCE = ResourceDefinition(
    group="apps",
    resource="replicasets",
    kind="ReplicaSet",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("apps", "v1", "ReplicaSet"),
            default=default_replica_set,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=ReplicaSetStrategy(),
    singular="replicaset",
    short_names=("rs",),
    categories=("all",),
    subresources=(
        Subresource("scale", scale=ScaleSpec(selector=scale_selector), kind="Scale", group="autoscaling", version="v1"),
        Subresource("status", strategy=ReplicaSetStatusStrategy()),
    ),
)
