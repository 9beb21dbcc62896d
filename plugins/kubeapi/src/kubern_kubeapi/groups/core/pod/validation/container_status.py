"""What a pod's status says of its containers (upstream: ValidateContainerStateTransition, validateContainerStatus...).

Next: `status.py`, which strings everything together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.formats import is_valid_id

Object = Mapping[str, Any]
_HEALTH = frozenset({"Healthy", "Unhealthy", "Unknown"})
_SOURCES = (
    ("containerStatuses", "containers"),
    ("initContainerStatuses", "initContainers"),
    ("ephemeralContainerStatuses", "ephemeralContainers"),
)
_MAX_IMAGE_REF = 256


def validate_state_transitions(status: Object, old_status: Object, old_spec: Object, path: Path) -> ErrorList:
    """Containers that ended for good stay ended."""
    errors: ErrorList = []
    restart_all = _may_restart_all(old_spec)
    for name, source in _SOURCES:
        ephemeral = source == "ephemeralContainers"
        if restart_all and not ephemeral:
            continue
        containers = () if ephemeral else old_spec.get(source) or ()
        new = {s.get("name"): s for s in reversed(status.get(name) or ())}
        for i, before in enumerate(old_status.get(name) or ()):
            ended, after = _terminated(before), new.get(before.get("name"))
            if ended is None or after is None or _terminated(after) is not None:
                continue
            container = next((c for c in containers if c.get("name") == before.get("name")), None)
            if container is None or not _should_restart(container, old_spec, ended.get("exitCode") or 0):
                detail = "may not be transitioned to non-terminated state"
                errors.append(field.forbidden(path.child(name).index(i).child("state"), detail))
    return errors


def _terminated(status: Object) -> Object | None:
    ended: Object | None = (status.get("state") or {}).get("terminated")
    return ended


def _may_restart_all(spec: Object) -> bool:
    """Whether some container's end may restart all of them (upstream: AllContainersCouldRestart)."""
    return any(
        rule.get("action") == "RestartAllContainers"
        for name in ("initContainers", "containers")
        for container in spec.get(name) or ()
        for rule in container.get("restartPolicyRules") or ()
    )


def _should_restart(container: Object, spec: Object, exit_code: int) -> bool:
    """Rules first, then the container's policy, then the pod's (upstream: ContainerShouldRestart)."""
    policy = container.get("restartPolicy")
    if policy is not None:
        rule = next((r for r in container.get("restartPolicyRules") or () if _rule_matches(r, exit_code)), None)
        if rule is not None and rule.get("action") == "Restart":
            return True
    if policy not in ("Always", "OnFailure", "Never"):
        policy = spec.get("restartPolicy")
    return exit_code != 0 if policy == "OnFailure" else policy != "Never"


def _rule_matches(rule: Object, exit_code: int) -> bool:
    codes = rule.get("exitCodes")
    if codes is None:
        return False
    listed = exit_code in (codes.get("values") or ())
    return {"In": listed, "NotIn": not listed}.get(codes.get("operator") or "", False)


def validate_container_statuses(status: Object, spec: Object, path: Path) -> ErrorList:
    """Users, allocated resources and volumes of containers."""
    errors: ErrorList = []
    os = (spec.get("os") or {}).get("name") or "linux"
    for name, _ in _SOURCES:
        for i, container in enumerate(status.get(name) or ()):
            errors += _validate_user(container, os, path.child(name).index(i).child("user", "linux"))
    for name, source in _SOURCES:
        for i, container in enumerate(status.get(name) or ()):
            at = path.child(name).index(i)
            if source != "ephemeralContainers":
                errors += _validate_allocated(container, spec.get(source) or [], at)
            elif container.get("allocatedResourcesStatus"):
                detail = "must not be specified in container status"
                errors.append(field.forbidden(at.child("allocatedResourcesStatus"), detail))
    for name, _ in _SOURCES:
        for i, container in enumerate(status.get(name) or ()):
            errors += _validate_volume_mounts(container, path.child(name).index(i).child("volumeMounts"))
    return errors


def _validate_user(container: Object, os: str, path: Path) -> ErrorList:
    user = (container.get("user") or {}).get("linux")
    if user is None:
        return []
    if os == "windows":
        return [field.forbidden(path, "cannot be set for a windows pod")]
    if os != "linux":
        return []
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


def _validate_volume_mounts(container: Object, path: Path) -> ErrorList:
    """The digests of mounted images."""
    errors: ErrorList = []
    for i, mount in enumerate(container.get("volumeMounts") or ()):
        image = (mount.get("volumeStatus") or {}).get("image")
        if image is None:
            continue
        reference = image.get("imageRef") or ""
        at = path.index(i).child("volumeStatus", "imageVolumeStatus", "imageRef")
        if not reference:
            errors.append(field.required(at, "imageRef must not be empty"))
        if len(reference.encode()) > _MAX_IMAGE_REF:
            errors.append(field.too_long(at, reference, _MAX_IMAGE_REF))
    return errors
