"""Fields of features that are off by default, removed unless the old object uses them (upstream: pkg/api/pod/util.go).

Off are ClusterTrustBundleProjection, PodCertificateRequest, ContainerStopSignals, GenericWorkload and
DRANodeAllocatableResources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Object = Mapping[str, Any]
_CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")


def drop_disabled_template_fields(template: Object, old: Object | None) -> None:
    """For kinds with a pod template."""
    drop_disabled_spec_fields((template or {}).get("spec"), (old or {}).get("spec"))


def drop_disabled_spec_fields(spec: dict[str, Any] | None, old: Object | None) -> None:
    """Remove them in place."""
    if not spec:
        return
    old = old or {}
    for kind in ("clusterTrustBundle", "podCertificate") if spec.get("volumes") else ():
        if not any(kind in source for source in _projections(old)):
            for source in _projections(spec):
                source.pop(kind, None)
    if not any("stopSignal" in container["lifecycle"] for container in _with_lifecycle(old)):
        for container in _with_lifecycle(spec):
            if container["lifecycle"].pop("stopSignal", None) is not None and not container["lifecycle"]:
                del container["lifecycle"]
    if "schedulingGroup" not in old:
        spec.pop("schedulingGroup", None)


def _projections(spec: Object) -> Iterator[dict[str, Any]]:
    for volume in spec.get("volumes") or ():
        yield from (volume.get("projected") or {}).get("sources") or ()


def _with_lifecycle(spec: Object) -> Iterator[dict[str, Any]]:
    for name in _CONTAINER_LISTS:
        yield from (container for container in spec.get(name) or () if container.get("lifecycle"))


def drop_disabled_status_fields(status: dict[str, Any], old: Object) -> None:
    """Remove them from a pod's status, in place."""
    if not old.get("nodeAllocatableResourceClaimStatuses"):
        status.pop("nodeAllocatableResourceClaimStatuses", None)
