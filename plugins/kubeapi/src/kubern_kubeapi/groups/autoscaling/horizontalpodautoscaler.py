"""The HorizontalPodAutoscaler kind: defaults, strategies, table. Next: `validation.py`, `v1.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import names
from kubern.apimachinery.field import ErrorList
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    ResourceDefinition,
    Subresource,
    VersionDefinition,
)
from kubern.registry.strategy import FieldPath, Strategy, keep_status
from kubern.util.json_copy import json_copy
from kubern_kubeapi.groups.autoscaling.targets_cell import targets_cell
from kubern_kubeapi.groups.autoscaling.v1 import DEFAULT_CPU_UTILIZATION, cpu_metric, from_v2, to_v2
from kubern_kubeapi.groups.autoscaling.validation import options_for, validate_spec
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update
from kubern_kubeapi.groups.workloads import STATUS, validate_counters

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]


def _policy(kind: str, value: int) -> Object:
    return {"type": kind, "value": value, "periodSeconds": 15}


def _default_min_replicas(hpa: Object) -> None:
    spec = hpa.setdefault("spec", {})
    if spec.get("minReplicas") is None:
        spec["minReplicas"] = 1


def default_autoscaler(hpa: Object) -> None:
    """autoscaling/v2's defaults; a behavior that says something is completed."""
    _default_min_replicas(hpa)
    spec = hpa["spec"]
    if not spec.get("metrics"):
        spec["metrics"] = [cpu_metric(DEFAULT_CPU_UTILIZATION)]
    behavior = spec.get("behavior")
    if behavior is not None:
        up = _completed(behavior.get("scaleUp"), [_policy("Pods", 4), _policy("Percent", 100)])
        up.setdefault("stabilizationWindowSeconds", 0)
        behavior["scaleUp"] = up
        behavior["scaleDown"] = _completed(behavior.get("scaleDown"), [_policy("Percent", 100)])


def _completed(rules: Object | None, policies: list[Object]) -> Object:
    given = {name: value for name, value in (rules or {}).items() if value is not None}
    return {"selectPolicy": "Max", "policies": policies, **given}


class HorizontalPodAutoscalerStrategy(Strategy):
    """Rules of HorizontalPodAutoscaler objects."""

    reset_fields: tuple[FieldPath, ...] = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["status"] = {}

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
        return errors + validate_spec(obj["spec"], options_for(None))

    def canonicalize(self, obj: Object) -> None:
        """What came through autoscaling/v1 gets the stored version's defaults, as reading it back would give it."""
        default_autoscaler(obj)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        return errors + validate_spec(obj["spec"], options_for(old))


class HorizontalPodAutoscalerStatusStrategy(HorizontalPodAutoscalerStrategy):
    """Rules of the status subresource."""

    reset_fields = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old["spec"]

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        counters = ("currentReplicas", "desiredReplicas")
        return errors + validate_counters(obj.get("status") or {}, counters, STATUS)


_COLUMNS = (
    NAME_COLUMN,
    described("Reference", "autoscaling.v2.HorizontalPodAutoscalerSpec.scaleTargetRef"),
    described("Targets", "autoscaling.v2.HorizontalPodAutoscalerSpec.metrics"),
    described("MinPods", "autoscaling.v2.HorizontalPodAutoscalerSpec.minReplicas"),
    described("MaxPods", "autoscaling.v2.HorizontalPodAutoscalerSpec.maxReplicas"),
    described("Replicas", "autoscaling.v2.HorizontalPodAutoscalerStatus.currentReplicas"),
    AGE_COLUMN,
)


def _cells(hpa: Mapping[str, Any]) -> list[Any]:
    spec, status = hpa.get("spec") or {}, hpa.get("status") or {}
    target, low = spec.get("scaleTargetRef") or {}, spec.get("minReplicas")
    return [
        hpa["metadata"].get("name", ""),
        f"{target.get('kind') or ''}/{target.get('name') or ''}",
        targets_cell(spec.get("metrics") or [], status.get("currentMetrics") or []),
        "<unset>" if low is None else str(low),
        spec.get("maxReplicas") or 0,
        status.get("currentReplicas") or 0,
        age(hpa),
    ]


def _cells_of_v1(hpa: Object) -> list[Any]:
    stored = json_copy(hpa)
    to_v2(stored)
    return _cells(stored)


RESOURCE = ResourceDefinition(
    group="autoscaling",
    resource="horizontalpodautoscalers",
    kind="HorizontalPodAutoscaler",
    versions=(
        VersionDefinition(
            "v2",
            schema=schema("autoscaling", "v2", "HorizontalPodAutoscaler"),
            default=default_autoscaler,
            columns=_COLUMNS,
            cells=_cells,
        ),
        VersionDefinition(
            "v1",
            schema=schema("autoscaling", "v1", "HorizontalPodAutoscaler"),
            default=_default_min_replicas,
            to_hub=to_v2,
            from_hub=from_v2,
            columns=_COLUMNS,
            cells=_cells_of_v1,
        ),
    ),
    strategy=HorizontalPodAutoscalerStrategy(),
    singular="horizontalpodautoscaler",
    short_names=("hpa",),
    categories=("all",),
    subresources=(Subresource("status", strategy=HorizontalPodAutoscalerStatusStrategy()),),
    storage_version="v2",
)
