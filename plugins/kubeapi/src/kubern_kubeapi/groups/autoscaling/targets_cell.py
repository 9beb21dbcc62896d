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
    source, reported = metric.get(name) or {}, status.get(name)
    target, current = source.get("target") or {}, (reported or {}).get("current") or {}
    average = target.get("averageValue")
    if kind in ("Resource", "ContainerResource"):
        shown = _of_utilization(target, current) if average is None else f"{_value(reported, 'averageValue')}/{average}"
        return f"{source.get('name') or ''}: {shown}"
    if kind == "Pods":
        return f"{_value(reported, 'averageValue')}/{_text(average)}"
    if average is not None:
        return f"{current.get('averageValue') or _UNKNOWN}/{average} (avg)"
    return f"{_value(reported, 'value')}/{_text(target.get('value'))}"


def _value(reported: Object | None, name: str) -> str:
    """The quantity that the status reports of a metric; a report without it is shown as Go shows no quantity."""
    return _UNKNOWN if reported is None else _text((reported.get("current") or {}).get(name))


def _text(quantity: str | None) -> str:
    return "<nil>" if quantity is None else quantity


def _of_utilization(target: Object, current: Object) -> str:
    used, wanted = current.get("averageUtilization"), target.get("averageUtilization")
    return f"{_UNKNOWN if used is None else f'{used}%'}/{'<auto>' if wanted is None else f'{wanted}%'}"
