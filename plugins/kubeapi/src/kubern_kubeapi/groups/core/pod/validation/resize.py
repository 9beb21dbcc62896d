"""The resize subresource: cpu and memory of running containers (upstream: ValidatePodResize)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.equality import semantic_equal
from kubern_kubeapi.groups.core.pod.aggregate import is_restartable_init_container
from kubern_kubeapi.groups.core.pod.qos import compute_pod_qos, get_pod_qos
from kubern_kubeapi.groups.core.pod.validation.annotations import MIRROR_POD
from kubern_kubeapi.groups.core.pod.validation.pod import SPEC, annotations_of, validate_pod_metadata_and_spec
from kubern_kubeapi.groups.core.resource_lists import equal_lists
from kubern_kubeapi.groups.objectmeta import validate_object_meta_update

Object = Mapping[str, Any]
_RESIZABLE = ("cpu", "memory")


def validate_pod_resize(pod: Object, old: Object) -> ErrorList:
    """A pod that differs from the old one in resources and resize policies only."""
    for unsupported, what in (
        (MIRROR_POD in annotations_of(old), "static pods"),
        ((old["spec"].get("os") or {}).get("name") == "windows", "windows pods"),
    ):
        if unsupported:
            return [field.forbidden(Path(""), f"{what} cannot be resized")]
    errors = validate_object_meta_update(pod["metadata"], old["metadata"])
    errors += validate_pod_metadata_and_spec(pod, old)
    if get_pod_qos(old) != compute_pod_qos(pod["spec"]):
        shown = (pod.get("status") or {}).get("qosClass") or ""
        errors.append(field.invalid(SPEC, shown, "Pod QOS Class may not change as a result of resizing"))
    if not _node_supports_resize(old):
        errors.append(field.forbidden(SPEC, "Pod running on node without support for resize"))
    errors += _validate_pod_level(pod["spec"].get("resources"), old["spec"].get("resources"))
    unordered = _validate_order(pod["spec"], old["spec"])
    if unordered:
        return errors + unordered
    errors += _validate_container_resizes(pod, old)
    return errors + _validate_only_resources_changed(pod, old)


def _validate_pod_level(new: Object | None, old: Object | None) -> ErrorList:
    """The pod's own resources: nothing goes, and only cpu and memory change."""
    if not any((resources or {}).get(kind) for resources in (new, old) for kind in ("requests", "limits")):
        return []
    at = SPEC.child("resources")
    if new is None:
        return [field.forbidden(at, "pod-level resources cannot be removed")]
    before = old or {}
    errors = _validate_nothing_removed(new, before, at, "pod-level resource")
    munged = {"resources": {**_with_old_compute(new, before), "claims": new.get("claims")}}
    if not _same_container(munged, {"resources": before}):
        errors.append(field.forbidden(SPEC, "only cpu and memory resources are mutable at pod-level"))
    return errors


def _validate_order(new: Object, old: Object) -> ErrorList:
    """The same containers in the same order (upstream: validatePodResizeContainerOrdering)."""
    errors: ErrorList = []
    for name in ("containers", "initContainers"):
        after, before = new.get(name) or [], old.get(name) or []
        if len(after) != len(before):
            errors.append(field.forbidden(SPEC.child(name), f"{name} may not be added or removed on resize"))
            continue
        for i, container in enumerate(before):
            if after[i].get("name") != container.get("name"):
                detail = f"{name} may not be renamed or reordered on resize"
                errors.append(field.forbidden(SPEC.child(name).index(i).child("name"), detail))
    return errors


def _node_supports_resize(pod: Object) -> bool:
    """Kubelets that can resize report the resources of running containers."""
    for status in (pod.get("status") or {}).get("containerStatuses") or ():
        if (status.get("state") or {}).get("running") is not None:
            return status.get("resources") is not None
    return True


def _validate_container_resizes(pod: Object, old: Object) -> ErrorList:
    errors: ErrorList = []
    for name in ("initContainers", "containers"):
        new = pod["spec"].get(name) or []
        for i, container in enumerate(old["spec"].get(name) or ()):
            if name == "initContainers" and not is_restartable_init_container(container):
                continue
            at = SPEC.child(name).index(i).child("resources")
            before = container.get("resources") or {}
            errors += _validate_nothing_removed(new[i].get("resources") or {}, before, at, "resource")
    return errors


def _validate_nothing_removed(new: Object, old: Object, path: Path, what: str) -> ErrorList:
    errors: ErrorList = []
    for kind in ("requests", "limits"):
        if set(old.get(kind) or ()) - set(new.get(kind) or ()):
            errors.append(field.forbidden(path.child(kind), f"{what} {kind} cannot be removed"))
    return errors


def _validate_only_resources_changed(pod: Object, old: Object) -> ErrorList:
    errors: ErrorList = []
    for container, before in _pairs(pod, old, "containers"):
        if not _same_container(_munged(container, before), before):
            errors.append(field.forbidden(SPEC, "only cpu and memory resources are mutable"))
    for container, before in _pairs(pod, old, "initContainers"):
        detail = "resources for non-sidecar init containers are immutable"
        if is_restartable_init_container(container):
            container = _munged(container, before)
            detail = "only cpu and memory resources for sidecar containers are mutable"
        if not _same_container(container, before):
            errors.append(field.forbidden(SPEC, detail))
    return errors


def _pairs(pod: Object, old: Object, kind: str) -> Iterator[tuple[Object, Object]]:
    """The containers as they shall be and as they were; that they are as many was checked before."""
    return zip(pod["spec"].get(kind) or (), old["spec"].get(kind) or (), strict=True)


def _munged(container: Object, old: Object) -> dict[str, Any]:
    """The container with the old one's cpu and memory; its claims are gone, as they are upstream."""
    return {**container, "resources": _with_old_compute(container.get("resources") or {}, old.get("resources") or {})}


def _with_old_compute(resources: Object, old: Object) -> dict[str, Any]:
    """Limits and requests with the old ones' cpu and memory."""
    munged: dict[str, Any] = {}
    for kind in ("limits", "requests"):
        before = old.get(kind) or {}
        kept = {k: v for k, v in (resources.get(kind) or {}).items() if k not in _RESIZABLE}
        munged[kind] = kept | {k: before[k] for k in _RESIZABLE if k in before}
    return munged


def _same_container(a: Object, b: Object) -> bool:
    mine, other = a.get("resources") or {}, b.get("resources") or {}
    if not all(equal_lists(mine.get(kind), other.get(kind)) for kind in ("limits", "requests")):
        return False
    return semantic_equal({**a, "resources": None}, {**b, "resources": None}) and semantic_equal(
        mine.get("claims"), other.get("claims")
    )
