"""A pod's quality-of-service class from what its containers ask for (upstream: core/helper/qos)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kubern.apimachinery.quantity import ZERO, Quantity
from kubern_kubeapi.groups.core.resource_lists import add_lists, parse_list

Object = Mapping[str, Any]
_COMPUTE = frozenset({"cpu", "memory"})


def _compute(resources: Object, kind: str) -> dict[str, Quantity]:
    """The cpu and memory in a list that are more than nothing."""
    return {n: q for n, q in parse_list(resources.get(kind)).items() if n in _COMPUTE and q > ZERO}


def compute_pod_qos(spec: Object) -> str:
    """BestEffort, Burstable or Guaranteed. The pod's own resources count instead of its containers' if there."""
    own = spec.get("resources")
    if own is not None:
        return _classify([own], has_limits=not own.get("limits") or _compute(own, "limits").keys() == _COMPUTE)
    holders = [c.get("resources") or {} for name in ("containers", "initContainers") for c in spec.get(name) or ()]
    return _classify(holders, has_limits=all(_compute(h, "limits").keys() == _COMPUTE for h in holders))


def _classify(holders: Iterable[Object], *, has_limits: bool) -> str:
    holders = list(holders)
    requests = add_lists(_compute(h, "requests") for h in holders)
    limits = add_lists(_compute(h, "limits") for h in holders)
    if not requests and not limits:
        return "BestEffort"
    guaranteed = has_limits and requests.keys() == limits.keys()
    if guaranteed and all(limits[name] == requests[name] for name in requests):
        return "Guaranteed"
    return "Burstable"


def get_pod_qos(pod: Object) -> str:
    """The class noted in the status, else the computed one."""
    return (pod.get("status") or {}).get("qosClass") or compute_pod_qos(pod.get("spec") or {})
