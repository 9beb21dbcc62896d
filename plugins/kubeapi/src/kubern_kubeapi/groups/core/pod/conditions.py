"""Conditions of pods (upstream: pkg/api/pod, UpdatePodCondition). Next: `binding.py`, `eviction.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.registry.before import now_text

Object = dict[str, Any]


def update_condition(pod: Object, condition: Object) -> None:
    """Put a condition in place of the one of its type; the time changes with the status only."""
    status = pod.setdefault("status", {})
    conditions = status["conditions"] = list(status.get("conditions") or ())
    new = {"lastProbeTime": None, "lastTransitionTime": now_text(), **condition}
    for i, old in enumerate(conditions):
        if old.get("type") == condition["type"]:
            if "observedGeneration" in old:
                new["observedGeneration"] = pod["metadata"].get("generation", 0)
            if old.get("status") == condition["status"]:
                new["lastTransitionTime"] = old.get("lastTransitionTime")
            conditions[i] = new
            return
    conditions.append(new)


def is_ready(pod: Mapping[str, Any]) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)
