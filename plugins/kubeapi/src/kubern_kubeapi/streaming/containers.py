"""Which container of a pod is meant (upstream: pkg/registry/core/pod, validateContainer)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery.errors import bad_request


def choose_container(pod: Mapping[str, Any], name: str) -> str:
    """The container's name; the only one when none is asked for. Raises StatusError 400."""
    spec, pod_name = pod["spec"], pod["metadata"]["name"]
    containers = spec.get("containers") or []
    names = [
        c["name"] for part in ("initContainers", "containers", "ephemeralContainers") for c in spec.get(part) or ()
    ]
    if name:
        if name not in names:
            raise bad_request(f"container {name} is not valid for pod {pod_name}")
        return name
    if len(containers) == 1:
        return str(containers[0]["name"])
    message = f"a container name must be specified for pod {pod_name}"
    raise bad_request(f"{message}, choose one of: [{' '.join(names)}]" if containers else message)
