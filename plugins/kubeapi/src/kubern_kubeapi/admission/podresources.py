"""What a pod asks for in total (upstream: component-helpers/resource PodRequests and PodLimits).

Init containers run one after the other, restartable ones (sidecars) beside all that follow. Next: `limitranger.py`,
`quota/`, which compare the sums.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery.quantity import Quantity

Object = dict[str, Any]
Quantities = dict[str, Quantity]
POD_LEVEL_PREFIX = "hugepages-"
POD_LEVEL_RESOURCES = frozenset({"cpu", "memory"})


def quantities(resource_list: Mapping[str, str] | None) -> Quantities:
    """A ResourceList with its quantities parsed."""
    return {name: Quantity.parse(str(text)) for name, text in (resource_list or {}).items()}


def add(total: Quantities, more: Quantities) -> None:
    """Add `more` to `total`, in place."""
    for name, quantity in more.items():
        total[name] = total[name] + quantity if name in total else quantity


def raise_to(total: Quantities, least: Quantities) -> None:
    """Raise what is below `least` to it, in place."""
    for name, quantity in least.items():
        if name not in total or total[name] < quantity:
            total[name] = quantity


def pod_totals(pod: Object, field: str, *, overhead: bool = False) -> Quantities:
    """The sum of `field` ("requests" or "limits") over a pod's containers and what the pod itself states."""
    spec = pod.get("spec") or {}
    total: Quantities = {}
    for container in spec.get("containers") or ():
        add(total, _of(container, field))
    sidecars: Quantities = {}
    peak: Quantities = {}
    for container in spec.get("initContainers") or ():
        own = _of(container, field)
        if container.get("restartPolicy") == "Always":
            add(total, own)
            add(sidecars, own)
            raise_to(peak, sidecars)
        else:
            add(own, sidecars)
            raise_to(peak, own)
    raise_to(total, peak)
    for name, quantity in quantities((spec.get("resources") or {}).get(field)).items():
        if name in POD_LEVEL_RESOURCES or name.startswith(POD_LEVEL_PREFIX):
            total[name] = quantity
    if overhead and spec.get("overhead"):
        extra = quantities(spec["overhead"])
        # A limit is raised only where there is one.
        add(total, extra if field == "requests" else {k: v for k, v in extra.items() if k in total})
    return total


def _of(container: Object, field: str) -> Quantities:
    return quantities((container.get("resources") or {}).get(field))
