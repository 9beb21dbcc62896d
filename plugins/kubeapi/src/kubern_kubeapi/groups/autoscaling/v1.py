"""HorizontalPodAutoscalers as autoscaling/v1 shows them: one CPU target, everything else in annotations.

Upstream: pkg/apis/autoscaling/v1/conversion.go. Next: `metrics.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from kubern.apimachinery.field import escape_html
from kubern_kubeapi.groups.autoscaling.internal_types import AUTOSCALING_TYPES
from kubern_kubeapi.groups.autoscaling.metrics import (
    specs_from_v1,
    specs_to_v1,
    statuses_from_v1,
    statuses_to_v1,
)

Object = dict[str, Any]
METRICS = "autoscaling.alpha.kubernetes.io/metrics"
CURRENT_METRICS = "autoscaling.alpha.kubernetes.io/current-metrics"
CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions"
BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior"
_ANNOTATIONS = (METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR)
_TARGET = "targetCPUUtilizationPercentage"
_CURRENT = "currentCPUUtilizationPercentage"
_COUNTERS = ("currentReplicas", "desiredReplicas")
"""autoscaling/v1 shows both when they are 0, autoscaling/v2 the second only."""
DEFAULT_CPU_UTILIZATION = 80


def cpu_metric(utilization: int) -> Object:
    """The metric that autoscaling/v1 has a field for."""
    target = {"type": "Utilization", "averageUtilization": utilization}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def _is_cpu(metric: Mapping[str, Any]) -> bool:
    return metric.get("type") == "Resource" and (metric.get("resource") or {}).get("name") == "cpu"


def to_v2(hpa: Object) -> None:
    """From autoscaling/v1 to the stored form, in place."""
    spec, status = hpa.setdefault("spec", {}), hpa.setdefault("status", {})
    annotations = hpa.get("metadata", {}).get("annotations") or {}
    metrics = specs_from_v1(_read_list(annotations, METRICS))
    target = spec.pop(_TARGET, None)
    if target is not None:
        metrics.append(cpu_metric(target))
    spec["metrics"] = metrics or [cpu_metric(DEFAULT_CPU_UTILIZATION)]
    behavior = _read(annotations, BEHAVIOR)
    if isinstance(behavior, dict) and behavior:
        spec["behavior"] = _wire_names(behavior)
    if status.get("currentReplicas") == 0:
        del status["currentReplicas"]
    current = status.pop(_CURRENT, None)
    if current is not None:
        status["currentMetrics"] = [
            {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": current}}}
        ]
    statuses = statuses_from_v1(_read_list(annotations, CURRENT_METRICS))
    if statuses:
        status["currentMetrics"] = statuses
    conditions = _read_list(annotations, CONDITIONS)
    if conditions:
        status["conditions"] = [{k: v for k, v in c.items() if v is not None} for c in conditions]
    _drop_annotations(hpa)


def from_v2(hpa: Object) -> None:
    """From the stored form to autoscaling/v1, in place."""
    _drop_annotations(hpa)
    spec, status = hpa.setdefault("spec", {}), hpa.setdefault("status", {})
    metrics, statuses = spec.pop("metrics", None) or [], status.pop("currentMetrics", None) or []
    first_cpu: Object = next((m["resource"] for m in metrics if _is_cpu(m)), {})
    for name in _COUNTERS:
        status.setdefault(name, 0)
    utilization = (first_cpu.get("target") or {}).get("averageUtilization")
    if utilization is not None:
        spec[_TARGET] = utilization
    for current in statuses:
        used = ((current.get("resource") or {}).get("current") or {}).get("averageUtilization")
        if _is_cpu(current) and used is not None:
            status[_CURRENT] = used
    annotations: dict[str, str] = {}
    others = [m for m in metrics if not (_is_cpu(m) and _utilization(m) is not None)]
    if others:
        annotations[METRICS] = _text(specs_to_v1(others))
    if statuses:
        annotations[CURRENT_METRICS] = _text(statuses_to_v1(statuses))
    conditions = status.pop("conditions", None)
    if conditions:
        annotations[CONDITIONS] = _text([_condition(c) for c in conditions])
    behavior = spec.pop("behavior", None)
    if behavior is not None:
        annotations[BEHAVIOR] = _text(AUTOSCALING_TYPES.render("HorizontalPodAutoscalerBehavior", behavior))
    if annotations:
        meta = hpa["metadata"]
        meta["annotations"] = {**(meta.get("annotations") or {}), **annotations}


def _utilization(metric: Mapping[str, Any]) -> int | None:
    utilization: int | None = (metric["resource"].get("target") or {}).get("averageUtilization")
    return utilization


def _condition(condition: Mapping[str, Any]) -> Object:
    out = {
        "type": condition.get("type") or "",
        "status": condition.get("status") or "",
        "lastTransitionTime": condition.get("lastTransitionTime"),
    }
    out.update((name, condition[name]) for name in ("reason", "message") if condition.get(name))
    return out


def _drop_annotations(hpa: Object) -> None:
    """Forget what a client or an earlier conversion put there; the fields are what counts."""
    meta = hpa.get("metadata") or {}
    annotations = meta.get("annotations")
    if annotations and any(name in annotations for name in _ANNOTATIONS):
        kept = {name: text for name, text in annotations.items() if name not in _ANNOTATIONS}
        if kept:
            meta["annotations"] = kept
        else:
            del meta["annotations"]


def _text(value: Any) -> str:
    return escape_html(orjson.dumps(value).decode())


def _read(annotations: Mapping[str, str], name: str) -> Any:
    """The annotation's JSON, None when there is none or it cannot be read."""
    text = annotations.get(name)
    if text is None:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _read_list(annotations: Mapping[str, str], name: str) -> list[Object]:
    value = _read(annotations, name)
    return value if isinstance(value, list) and all(isinstance(item, dict) for item in value) else []


def _wire_names(value: Any) -> Any:
    """Go's field names, in which the behavior is written, as wire names; nulls go."""
    if isinstance(value, dict):
        return {k[:1].lower() + k[1:]: _wire_names(v) for k, v in value.items() if v is not None}
    return [_wire_names(item) for item in value] if isinstance(value, list) else value
