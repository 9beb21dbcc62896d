"""What a pod's containers ask for together (upstream: component-helpers/resource)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery.quantity import Quantity
from kubern_kubeapi.groups.core.resource_lists import add_lists, is_huge_page, max_lists, parse_list

Spec = Mapping[str, Any]
Totals = dict[str, Quantity]


def is_restartable_init_container(container: Mapping[str, Any]) -> bool:
    """A sidecar: an init container that goes on running."""
    return container.get("restartPolicy") == "Always"


def is_supported_pod_level_resource(name: str) -> bool:
    return name in ("cpu", "memory") or is_huge_page(name)


def aggregate(spec: Spec, kind: str) -> Totals:
    """The effective `requests` or `limits` of all containers: running ones summed, init phases maximised."""
    totals = add_lists(_list(c, kind) for c in spec.get("containers") or ())
    sidecars: Totals = {}
    initial: Totals = {}
    for container in spec.get("initContainers") or ():
        needs: Totals = _list(container, kind)
        if is_restartable_init_container(container):
            totals = add_lists((totals, needs))
            sidecars = add_lists((sidecars, needs))
            needs = dict(sidecars)
        else:
            needs = add_lists((needs, sidecars))
        initial = max_lists(initial, needs)
    return max_lists(totals, initial)


def _list(container: Mapping[str, Any], kind: str) -> Totals:
    return parse_list((container.get("resources") or {}).get(kind))
