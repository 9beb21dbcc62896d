"""Pod status as kubelets report it (upstream: ValidatePodStatusUpdate). Next: `validation_pod.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.formats import is_valid_id, validate_qualified_name
from kubern.apimachinery.validation.ip import is_dual_stack_ips, is_valid_ip_for_legacy_field
from kubern.apimachinery.validation.objectmeta import validate_immutable
from kubern_kubeapi.groups.core.pod.aggregate import is_restartable_init_container
from kubern_kubeapi.groups.core.pod.internal_types import CORE_TYPES
from kubern_kubeapi.groups.core.pod.validation_annotations import validate_pod_annotations_update
from kubern_kubeapi.groups.core.pod.validation_pod import ANNOTATIONS, METADATA, annotations_of
from kubern_kubeapi.groups.objectmeta import validate_object_meta_update

Object = Mapping[str, Any]
STATUS = Path("status")
_SYSTEM_CONDITIONS = frozenset({"PodScheduled", "Ready", "Initialized"})
_HEALTH = frozenset({"Healthy", "Unhealthy", "Unknown"})


def validate_pod_status_update(pod: Object, old: Object) -> ErrorList:
    """A changed status."""
    spec, old_spec = pod.get("spec") or {}, old.get("spec") or {}
    status, old_status = pod.get("status") or {}, old.get("status") or {}
    errors = validate_object_meta_update(pod["metadata"], old["metadata"])
    errors += validate_pod_annotations_update(annotations_of(pod), annotations_of(old), spec, ANNOTATIONS)
    errors += _validate_conditions(status.get("conditions"), METADATA.child("conditions"))
    if spec.get("nodeName") != old_spec.get("nodeName"):
        errors.append(field.forbidden(STATUS.child("nodeName"), "may not be changed directly"))
    nominated = status.get("nominatedNodeName")
    if nominated and nominated != old_status.get("nominatedNodeName"):
        at = STATUS.child("nominatedNodeName")
        errors += [field.invalid(at, nominated, m) for m in names.name_is_dns_subdomain(nominated, False)]
    qos = status.get("qosClass") or ""
    errors += validate_immutable(qos, old_status.get("qosClass") or "", STATUS.child("qosClass"))
    errors += _validate_state_transitions(status, old_status, old_spec)
    errors += _validate_claim_statuses(status.get("resourceClaimStatuses"), spec, STATUS.child("resourceClaimStatuses"))
    errors += _validate_ips(status.get("podIPs") or [], "PodIP", STATUS.child("podIPs"))
    errors += _validate_host_ips(status)
    return errors + _validate_container_statuses(status, spec)


def _validate_conditions(conditions: list[Object] | None, path: Path) -> ErrorList:
    errors: ErrorList = []
    for i, condition in enumerate(conditions or ()):
        kind = condition.get("type") or ""
        if kind not in _SYSTEM_CONDITIONS:
            errors += validate_qualified_name(kind, path.index(i).child("Type"))
    return errors


def _validate_state_transitions(status: Object, old_status: Object, old_spec: Object) -> ErrorList:
    """Containers that ended for good stay ended."""
    policy = old_spec.get("restartPolicy") or ""
    sidecars = {c.get("name") for c in old_spec.get("initContainers") or () if is_restartable_init_container(c)}

    def check(name: str, restart: str, skip: Callable[[Object], bool]) -> ErrorList:
        new = status.get(name) or []
        return _validate_state_transition(new, old_status.get(name) or [], restart, skip, STATUS.child(name))

    errors = check("containerStatuses", policy, lambda _: False)
    errors += check("initContainerStatuses", policy, lambda container: container.get("name") in sidecars)
    return errors + check("ephemeralContainerStatuses", "Never", lambda _: False)


def _validate_state_transition(
    new: list[Object], old: list[Object], restart_policy: str, skip: Callable[[Object], bool], path: Path
) -> ErrorList:
    errors: ErrorList = []
    if restart_policy == "Always":
        return errors
    for i, container in enumerate(old):
        ended = (container.get("state") or {}).get("terminated")
        if ended is None or skip(container):
            continue
        if ended.get("exitCode") and restart_policy == "OnFailure":
            continue
        for successor in new:
            same = successor.get("name") == container.get("name")
            if same and (successor.get("state") or {}).get("terminated") is None:
                detail = "may not be transitioned to non-terminated state"
                errors.append(field.forbidden(path.index(i).child("state"), detail))
    return errors


def _validate_claim_statuses(statuses: list[Object] | None, spec: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    claims = {claim.get("name") for claim in spec.get("resourceClaims") or ()}
    seen: set[str] = set()
    for i, status in enumerate(statuses or ()):
        at = path.index(i).child("name")
        name = status.get("name") or ""
        if name not in claims:
            errors.append(field.invalid(at, name, "must match the name of an entry in `spec.resourceClaims`"))
        if name in seen:
            errors.append(field.duplicate(at, name))
        seen.add(name)
        claim = status.get("resourceClaimName")
        if claim is not None:
            errors += [field.invalid(at, claim, m) for m in names.name_is_dns_subdomain(claim, False)]
    return errors


def _validate_ips(ips: list[Object], kind: str, path: Path) -> ErrorList:
    """Addresses, at most one of each family."""
    texts = [ip.get("ip") or "" for ip in ips]
    errors: ErrorList = []
    for i, text in enumerate(texts):
        errors += is_valid_ip_for_legacy_field(path.index(i), text)
    if len(texts) < 2:
        return errors
    families, duplicates = _validate_families(texts, ips, kind, path), _duplicates(texts, ips, kind, path)
    return errors + (families + duplicates if kind == "PodIP" else duplicates + families)


def _validate_families(texts: list[str], ips: list[Object], kind: str, path: Path) -> ErrorList:
    errors: ErrorList = []
    try:
        dual = is_dual_stack_ips(texts)
    except ValueError as error:
        errors.append(field.internal_error(path, f"failed to check for dual stack with error:{error}"))
        dual = False
    if not dual or len(texts) > 2:
        shown = CORE_TYPES.render_list(kind, ips)
        errors.append(field.invalid(path, shown, "may specify no more than one IP for each IP family"))
    return errors


def _duplicates(texts: list[str], ips: list[Object], kind: str, path: Path) -> ErrorList:
    return [
        field.duplicate(path.index(i), CORE_TYPES.render(kind, ips[i]))
        for i, text in enumerate(texts)
        if text in texts[:i]
    ]


def _validate_host_ips(status: Object) -> ErrorList:
    ips = status.get("hostIPs") or []
    if not ips:
        return []
    errors: ErrorList = []
    path = STATUS.child("hostIPs")
    first = ips[0].get("ip") or ""
    if (status.get("hostIP") or "") != first:
        errors.append(field.invalid(path.index(0).child("ip"), first, "must be equal to `hostIP`"))
    return errors + _validate_ips(ips, "HostIP", path)


def _validate_container_statuses(status: Object, spec: Object) -> ErrorList:
    errors: ErrorList = []
    os = (spec.get("os") or {}).get("name") or "linux"
    groups = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")
    for name in groups:
        for i, container in enumerate(status.get(name) or ()):
            linux = (container.get("user") or {}).get("linux")
            at = STATUS.child(name).index(i).child("linux")
            if linux is not None and os == "windows":
                errors.append(field.forbidden(at, "cannot be set for a windows pod"))
            elif linux is not None and os == "linux":
                errors += _validate_linux_user(linux, at)
    for name, source in zip(groups[:2], ("containers", "initContainers"), strict=True):
        for i, container in enumerate(status.get(name) or ()):
            errors += _validate_allocated(container, spec.get(source) or [], STATUS.child(name).index(i))
    for i, container in enumerate(status.get(groups[2]) or ()):
        if container.get("allocatedResourcesStatus"):
            at = STATUS.child(groups[2]).index(i).child("allocatedResourcesStatus")
            errors.append(field.forbidden(at, "must not be specified in container status"))
    return errors


def _validate_linux_user(user: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    for name in ("uid", "gid"):
        value = user.get(name) or 0
        errors += [field.invalid(path.child(name), value, m) for m in is_valid_id(value)]
    for i, group in enumerate(user.get("supplementalGroups") or ()):
        errors += [field.invalid(path.child("supplementalGroups").index(i), group, m) for m in is_valid_id(group)]
    return errors


def _validate_allocated(status: Object, containers: list[Object], path: Path) -> ErrorList:
    """allocatedResourcesStatus names resources that the container asks for."""
    errors: ErrorList = []
    container = next((c for c in containers if c.get("name") == status.get("name")), None)
    for i, resource in enumerate(status.get("allocatedResourcesStatus") or ()):
        at = path.child("allocatedResourcesStatus").index(i)
        if container is not None:
            errors += _validate_allocated_name(resource.get("name") or "", container, at.child("name"))
        seen: set[str] = set()
        for j, device in enumerate(resource.get("resources") or ()):
            below = at.child("resources").index(j)
            health, device_id = device.get("health") or "", device.get("resourceID") or ""
            if health not in _HEALTH:
                errors.append(field.not_supported(below.child("health"), health, _HEALTH))
            if device_id in seen:
                errors.append(field.duplicate(below.child("resourceID"), device_id))
            seen.add(device_id)
    return errors


def _validate_allocated_name(name: str, container: Object, path: Path) -> ErrorList:
    resources = container.get("resources") or {}
    if name.startswith("claim:"):
        known = set()
        for claim in resources.get("claims") or ():
            request = claim.get("request")
            known.add(f"claim:{claim.get('name', '')}" + (f"/{request}" if request else ""))
        detail = (
            "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or "
            "'claim:<claimName>' if request is empty"
        )
    else:
        known = set(resources.get("requests") or ())
        detail = "must match one of the container's resource requests"
    return [] if name in known else [field.invalid(path, name, detail)]
