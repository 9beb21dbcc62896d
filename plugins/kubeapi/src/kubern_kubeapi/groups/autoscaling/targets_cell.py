"""The Targets cell of autoscalers: current against wanted (upstream: formatHPAMetrics). Next: `horizontalpodautoscaler.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Object = Mapping[str, Any]
_SHOWN = 2
_UNKNOWN = "<unknown>"
_FIELDS = {
    "External": "external",
    "Pods": "pods",
    "Object": "object",
    "Resource": "resource",
    "ContainerResource": "containerResource",
}


def targets_cell(metrics: list[Object], statuses: list[Object]) -> str:
    """The first two metrics, and how many more there are."""
    if not metrics:
        return "<none>"
    shown = [_one(m, statuses[i] if i < len(statuses) else {}) for i, m in enumerate(metrics[:_SHOWN])]
    text = ", ".join(shown)
    return text if len(metrics) <= _SHOWN else f"{text} + {len(metrics) - _SHOWN} more..."


def _one(metric: Object, status: Object) -> str:
    kind = metric.get("type") or ""
    name = _FIELDS.get(kind)
    if name is None:
        return "<unknown type>"
    source, current = metric.get(name) or {}, (status.get(name) or {}).get("current") or {}
    target = source.get("target") or {}
    if kind in ("Resource", "ContainerResource"):
        return f"{source.get('name') or ''}: {_of_resource(target, current)}"
    if kind == "Pods":
        return f"{_value(current, 'averageValue')}/{target.get('averageValue')}"
    if target.get("averageValue") is not None:
        return f"{_value(current, 'averageValue')}/{target['averageValue']} (avg)"
    return f"{_value(current, 'value')}/{target.get('value')}"


def _value(current: Object, name: str) -> str:
    value = current.get(name)
    return _UNKNOWN if value is None else str(value)


def _of_resource(target: Object, current: Object) -> str:
    if target.get("averageValue") is not None:
        return f"{_value(current, 'averageValue')}/{target['averageValue']}"
    used, wanted = current.get("averageUtilization"), target.get("averageUtilization")
    return f"{_UNKNOWN if used is None else f'{used}%'}/{'<auto>' if wanted is None else f'{wanted}%'}"
