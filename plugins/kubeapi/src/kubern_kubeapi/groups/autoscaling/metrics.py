"""The metrics of an autoscaler in autoscaling/v1's annotations, and back (upstream: pkg/apis/autoscaling/v1/conversion.go).

Each kind of metric has a reader and a writer; the forms are those of autoscaling/v2, with targets of their own type,
and of autoscaling/v1, with flat numbers, whose order of keys is that of Go's structs. Next: `v1.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Object = dict[str, Any]
Converter = Callable[[Mapping[str, Any]], Object]


def _put(out: Object, **values: Any) -> Object:
    """Adds the values that are not None."""
    out.update((name, value) for name, value in values.items() if value is not None)
    return out


def _reference(reference: Mapping[str, Any] | None) -> Object:
    reference = reference or {}
    out = {"kind": reference.get("kind") or "", "name": reference.get("name") or ""}
    return _put(out, apiVersion=reference.get("apiVersion") or None)


def _metric(source: Mapping[str, Any], selector: str = "selector") -> Object:
    """autoscaling/v2's name of a metric from a v1 source."""
    return _put({"name": source.get("metricName") or ""}, selector=source.get(selector))


def _object_source(source: Mapping[str, Any]) -> Object:
    target, metric = source.get("target") or {}, source.get("metric") or {}
    out = {
        "target": _reference(source.get("describedObject")),
        "metricName": metric.get("name") or "",
        "targetValue": target.get("value") or "0",
    }
    return _put(out, selector=metric.get("selector"), averageValue=target.get("averageValue"))


def _pods_source(source: Mapping[str, Any]) -> Object:
    target, metric = source.get("target") or {}, source.get("metric") or {}
    out = {"metricName": metric.get("name") or "", "targetAverageValue": target.get("averageValue") or "0"}
    return _put(out, selector=metric.get("selector"))


def _resource_source(source: Mapping[str, Any]) -> Object:
    target = source.get("target") or {}
    out = _put(
        {"name": source.get("name") or ""},
        targetAverageUtilization=target.get("averageUtilization"),
        targetAverageValue=target.get("averageValue"),
    )
    return _put(out, container=source.get("container"))


def _external_source(source: Mapping[str, Any]) -> Object:
    target, metric = source.get("target") or {}, source.get("metric") or {}
    return _put(
        {"metricName": metric.get("name") or ""},
        metricSelector=metric.get("selector"),
        targetValue=target.get("value"),
        targetAverageValue=target.get("averageValue"),
    )


def _object_status(status: Mapping[str, Any]) -> Object:
    current, metric = status.get("current") or {}, status.get("metric") or {}
    out = {
        "target": _reference(status.get("describedObject")),
        "metricName": metric.get("name") or "",
        "currentValue": current.get("value") or "0",
    }
    return _put(out, selector=metric.get("selector"), averageValue=current.get("averageValue"))


def _pods_status(status: Mapping[str, Any]) -> Object:
    current, metric = status.get("current") or {}, status.get("metric") or {}
    out = {"metricName": metric.get("name") or "", "currentAverageValue": current.get("averageValue") or "0"}
    return _put(out, selector=metric.get("selector"))


def _resource_status(status: Mapping[str, Any]) -> Object:
    current = status.get("current") or {}
    out = _put({"name": status.get("name") or ""}, currentAverageUtilization=current.get("averageUtilization"))
    out["currentAverageValue"] = current.get("averageValue") or "0"
    return _put(out, container=status.get("container"))


def _external_status(status: Mapping[str, Any]) -> Object:
    current, metric = status.get("current") or {}, status.get("metric") or {}
    out = _put({"metricName": metric.get("name") or ""}, metricSelector=metric.get("selector"))
    out["currentValue"] = current.get("value") or "0"
    return _put(out, currentAverageValue=current.get("averageValue"))


def _object_source_back(source: Mapping[str, Any]) -> Object:
    """The v1 form always has a targetValue, which says nothing when there is an averageValue."""
    average, value = source.get("averageValue"), source.get("targetValue") or "0"
    target = {"type": "Value", "value": value} if average is None else {"type": "AverageValue", "averageValue": average}
    return {"describedObject": _reference(source.get("target")), "target": target, "metric": _metric(source)}


def _pods_source_back(source: Mapping[str, Any]) -> Object:
    target = {"type": "AverageValue", "averageValue": source.get("targetAverageValue") or "0"}
    return {"metric": _metric(source), "target": target}


def _resource_source_back(source: Mapping[str, Any]) -> Object:
    utilization = source.get("targetAverageUtilization")
    target = _put(
        {"type": "AverageValue" if utilization is None else "Utilization"},
        averageValue=source.get("targetAverageValue"),
        averageUtilization=utilization,
    )
    return _put({"name": source.get("name") or "", "target": target}, container=source.get("container"))


def _external_source_back(source: Mapping[str, Any]) -> Object:
    value = source.get("targetValue")
    target = _put(
        {"type": "AverageValue" if value is None else "Value"},
        value=value,
        averageValue=source.get("targetAverageValue"),
    )
    return {"metric": _metric(source, "metricSelector"), "target": target}


def _object_status_back(status: Mapping[str, Any]) -> Object:
    current = _put({"value": status.get("currentValue") or "0"}, averageValue=status.get("averageValue"))
    return {
        "metric": _metric(status),
        "current": current,
        "describedObject": _reference(status.get("target")),
    }


def _pods_status_back(status: Mapping[str, Any]) -> Object:
    return {"metric": _metric(status), "current": {"averageValue": status.get("currentAverageValue") or "0"}}


def _resource_status_back(status: Mapping[str, Any]) -> Object:
    current = _put(
        {"averageValue": status.get("currentAverageValue") or "0"},
        averageUtilization=status.get("currentAverageUtilization"),
    )
    return _put({"name": status.get("name") or "", "current": current}, container=status.get("container"))


def _external_status_back(status: Mapping[str, Any]) -> Object:
    current = _put({"value": status.get("currentValue") or "0"}, averageValue=status.get("currentAverageValue"))
    return {"metric": _metric(status, "metricSelector"), "current": current}


_TO_V1_SPEC: Mapping[str, Converter] = {
    "object": _object_source,
    "pods": _pods_source,
    "resource": _resource_source,
    "containerResource": _resource_source,
    "external": _external_source,
}
_TO_V1_STATUS: Mapping[str, Converter] = {
    "object": _object_status,
    "pods": _pods_status,
    "resource": _resource_status,
    "containerResource": _resource_status,
    "external": _external_status,
}
_FROM_V1_SPEC: Mapping[str, Converter] = {
    "object": _object_source_back,
    "pods": _pods_source_back,
    "resource": _resource_source_back,
    "containerResource": _resource_source_back,
    "external": _external_source_back,
}
_FROM_V1_STATUS: Mapping[str, Converter] = {
    "object": _object_status_back,
    "pods": _pods_status_back,
    "resource": _resource_status_back,
    "containerResource": _resource_status_back,
    "external": _external_status_back,
}


def _convert(metrics: list[Object], converters: Mapping[str, Converter]) -> list[Object]:
    out = []
    for metric in metrics:
        converted: Object = {"type": metric.get("type") or ""}
        for name, convert in converters.items():
            if metric.get(name) is not None:
                converted[name] = convert(metric[name])
        out.append(converted)
    return out


def specs_to_v1(metrics: list[Object]) -> list[Object]:
    return _convert(metrics, _TO_V1_SPEC)


def statuses_to_v1(metrics: list[Object]) -> list[Object]:
    return _convert(metrics, _TO_V1_STATUS)


def specs_from_v1(metrics: list[Object]) -> list[Object]:
    return _convert(metrics, _FROM_V1_SPEC)


def statuses_from_v1(metrics: list[Object]) -> list[Object]:
    return _convert(metrics, _FROM_V1_STATUS)
