"""The Deployment kind: defaults, rules, table. Next: `../workloads.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    Column,
    ResourceDefinition,
    ScaleSpec,
    Subresource,
    VersionDefinition,
)
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.formats import (
    int_or_percent_value,
    validate_not_more_than_100_percent,
    validate_positive_int_or_percent,
)
from kubern.apimachinery.validation.objectmeta import validate_immutable
from kubern.apimachinery.validation.selector import format_label_selector, selector_text
from kubern_kubeapi.groups.apps.internal_types import APPS_TYPES
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.core.pod.defaults import default_pod_template
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions
from kubern_kubeapi.groups.core.pod.validation.pod import take
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
    validate_collision_count,
    validate_counters,
    validate_not_above,
    validate_required_selector,
    validate_template,
)

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
_COUNTERS = (
    "observedGeneration",
    "replicas",
    "updatedReplicas",
    "readyReplicas",
    "availableReplicas",
    "unavailableReplicas",
    "terminatingReplicas",
    "collisionCount",
)


def default_deployment(deployment: Object) -> None:
    spec = deployment.setdefault("spec", {})
    for name, value in (("replicas", 1), ("revisionHistoryLimit", 10), ("progressDeadlineSeconds", 600)):
        if spec.get(name) is None:
            spec[name] = value
    strategy = spec.setdefault("strategy", {})
    strategy["type"] = strategy.get("type") or "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy["rollingUpdate"] = strategy.get("rollingUpdate") or {}
        for name in ("maxUnavailable", "maxSurge"):
            if rolling.get(name) is None:
                rolling[name] = "25%"
    default_pod_template(spec.setdefault("template", {}))


def _validate_spec(spec: Object, options: PodValidationOptions) -> ErrorList:
    errors = validate_counters(spec, ("replicas",), SPEC)
    errors += validate_required_selector(spec, "deployment", SPEC, options)
    if is_malformed_selector(spec.get("selector")):
        shown = selector_value(spec["selector"])
        errors.append(field.invalid(SPEC.child("selector"), shown, "invalid label selector"))
    else:
        errors += validate_template(spec, "ReplicaSet", SPEC, options)
    errors += _validate_strategy(spec.get("strategy") or {}, SPEC.child("strategy"))
    errors += validate_counters(spec, ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"), SPEC)
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None and deadline <= (spec.get("minReadySeconds") or 0):
        at = SPEC.child("progressDeadlineSeconds")
        errors.append(field.invalid(at, deadline, "must be greater than minReadySeconds"))
    return errors


def _validate_strategy(strategy: Object, path: Path) -> ErrorList:
    kind, rolling = strategy.get("type") or "", strategy.get("rollingUpdate")
    at = path.child("rollingUpdate")
    if kind == "Recreate":
        if rolling is None:
            return []
        return [field.forbidden(at, "may not be specified when strategy `type` is 'Recreate'")]
    if kind != "RollingUpdate":
        shown = APPS_TYPES.render("DeploymentStrategy", strategy)
        return [field.not_supported(path, shown, ("Recreate", "RollingUpdate"))]
    if rolling is None:
        return [field.required(at, "this should be defaulted and never be nil")]
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    errors = validate_positive_int_or_percent(unavailable, at.child("maxUnavailable"))
    errors += validate_positive_int_or_percent(surge, at.child("maxSurge"))
    if not int_or_percent_value(unavailable) and not int_or_percent_value(surge):
        errors.append(field.invalid(at.child("maxUnavailable"), unavailable, "may not be 0 when `maxSurge` is 0"))
    return errors + validate_not_more_than_100_percent(unavailable, at.child("maxUnavailable"))


class DeploymentStrategy(WorkloadStrategy):
    """Rules of Deployment objects; annotations count as a change, since replica sets get them too."""

    new_status = {}

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
        return errors + _validate_spec(obj["spec"], template_options(None))

    def begins_generation(self, obj: Object, old: Object) -> bool:
        annotations, before = obj["metadata"].get("annotations"), old["metadata"].get("annotations")
        return not semantic_equal(annotations, before) or super().begins_generation(obj, old)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        errors += _validate_spec(obj["spec"], template_options(old))
        return errors + validate_immutable_selector(obj, old)


def validate_immutable_selector(obj: Object, old: Object) -> ErrorList:
    return validate_immutable(obj["spec"].get("selector"), old["spec"].get("selector"), SPEC.child("selector"))


class DeploymentStatusStrategy(WorkloadStatusStrategy, DeploymentStrategy):
    """Rules of the status subresource."""

    reset_fields = (("spec",), ("metadata", "labels"))

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old["spec"]
        take(obj["metadata"], "labels", old["metadata"])

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        status = obj.get("status") or {}
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        errors += validate_counters(status, _COUNTERS, STATUS)
        bounded = ("updatedReplicas", "readyReplicas", "availableReplicas")
        errors += validate_not_above(status, bounded, "replicas", "cannot be greater than status.replicas")
        detail = "cannot be greater than readyReplicas"
        errors += validate_not_above(status, ("availableReplicas",), "readyReplicas", detail)
        return errors + validate_collision_count(status, old.get("status") or {})


_COLUMNS = (
    NAME_COLUMN,
    Column("Ready", description="Number of the pod with ready state"),
    described("Up-to-date", "apps.v1.DeploymentStatus.updatedReplicas"),
    described("Available", "apps.v1.DeploymentStatus.availableReplicas"),
    AGE_COLUMN,
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
    described("Selector", "apps.v1.DeploymentSpec.selector", priority=1),
)


def _cells(deployment: Mapping[str, Any]) -> list[Any]:
    spec, status = deployment.get("spec") or {}, deployment.get("status") or {}
    return [
        deployment["metadata"].get("name", ""),
        f"{status.get('readyReplicas') or 0}/{spec.get('replicas') or 0}",
        status.get("updatedReplicas") or 0,
        status.get("availableReplicas") or 0,
        age(deployment),
        *container_cells(template_of(deployment)),
        format_label_selector(spec.get("selector")),
    ]


def scale_selector(obj: Object) -> str:
    """The selector text of a kind whose spec.selector is a label selector."""
    return selector_text(obj["spec"].get("selector"))


RESOURCE = ResourceDefinition(
    group="apps",
    resource="deployments",
    kind="Deployment",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("apps", "v1", "Deployment"),
            default=default_deployment,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=DeploymentStrategy(),
    singular="deployment",
    short_names=("deploy",),
    categories=("all",),
    subresources=(
        Subresource("scale", scale=ScaleSpec(selector=scale_selector), kind="Scale", group="autoscaling", version="v1"),
        Subresource("status", strategy=DeploymentStatusStrategy()),
    ),
)
