"""A pod's quality-of-service class from what its containers ask for (upstream: core/helper/qos)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kubern.apimachinery.quantity import ZERO, Quantity
from kubern_kubeapi.groups.core.resource_lists import add_lists

Object = Mapping[str, Any]
Amounts = Mapping[str, Quantity]
_COMPUTE = frozenset({"cpu", "memory"})


def _compute(resources: Object, kind: str) -> Amounts:
    """The cpu and memory in a list that are more than nothing."""
    texts = resources.get(kind) or {}
    found = {name: Quantity.parse(texts[name]) for name in _COMPUTE if name in texts}
    return {name: quantity for name, quantity in found.items() if quantity > ZERO}


def compute_pod_qos(spec: Object) -> str:
    """BestEffort, Burstable or Guaranteed. The pod's own resources count instead of its containers' if there."""
    own = spec.get("resources")
    if own is not None:
        limits = _compute(own, "limits")
        return _classify([_compute(own, "requests")], [limits], not own.get("limits") or limits.keys() == _COMPUTE)
    holders = [c.get("resources") or {} for name in ("containers", "initContainers") for c in spec.get(name) or ()]
    all_limits = [_compute(h, "limits") for h in holders]
    has_limits = all(limits.keys() == _COMPUTE for limits in all_limits)
    return _classify([_compute(h, "requests") for h in holders], all_limits, has_limits)


def _classify(all_requests: Iterable[Amounts], all_limits: Iterable[Amounts], has_limits: bool) -> str:
    requests, limits = add_lists(all_requests), add_lists(all_limits)
    if not requests and not limits:
        return "BestEffort"
    guaranteed = has_limits and requests.keys() == limits.keys()
    if guaranteed and all(limits[name] == requests[name] for name in requests):
        return "Guaranteed"
    return "Burstable"


def get_pod_qos(pod: Object) -> str:
    """The class noted in the status, else the computed one."""
    return (pod.get("status") or {}).get("qosClass") or compute_pod_qos(pod.get("spec") or {})
