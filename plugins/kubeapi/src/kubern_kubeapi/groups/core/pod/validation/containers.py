"""Containers, init containers and ephemeral containers (upstream: validateContainers and its kin).

Next: `spec.py`, which strings everything together.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Set
from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.formats import is_valid_port_name, is_valid_port_num, validate_dns1123_label
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions
from kubern_kubeapi.groups.core.pod.validation.env import validate_env, validate_env_from
from kubern_kubeapi.groups.core.pod.validation.mounts import (
    Volumes,
    validate_volume_devices,
    validate_volume_mounts,
)
from kubern_kubeapi.groups.core.pod.validation.probes import validate_lifecycle, validate_probes
from kubern_kubeapi.groups.core.pod.validation.resources import validate_container_resources
from kubern_kubeapi.groups.core.pod.validation.security import validate_security_context

Object = Mapping[str, Any]
PROTOCOLS = frozenset({"TCP", "UDP", "SCTP"})
_PULL_POLICIES = frozenset({"Always", "IfNotPresent", "Never"})
_RESTART_POLICIES = frozenset({"Always", "Never", "OnFailure"})
_MAX_RESTART_RULES = 20
_MAX_EXIT_CODES = 255
_RESTART_ACTIONS = frozenset({"Restart", "RestartAllContainers"})
_EPHEMERAL_FORBIDDEN = (
    "ports", "resources", "resizePolicy", "restartPolicy", "restartPolicyRules", "livenessProbe", "readinessProbe",
    "startupProbe", "lifecycle",
)  # fmt: skip
_EMPTY_IS_UNSET = frozenset({"ports", "resources", "resizePolicy", "restartPolicyRules"})


@dataclasses.dataclass(frozen=True, slots=True)
class PodContext:
    """What containers are judged by beside themselves."""

    volumes: Volumes
    claim_names: Set[str]
    grace_period: int | None
    restart_policy: str
    host_users: bool
    options: PodValidationOptions


def validate_containers(containers: list[Object] | None, context: PodContext, path: Path) -> ErrorList:
    """spec.containers: at least one."""
    if not containers:
        return [field.required(path)]
    errors: ErrorList = []
    names: set[str] = set()
    for i, container in enumerate(containers):
        at = path.index(i)
        errors += _validate_common(container, context, at)
        name = container.get("name") or ""
        if name in names:
            errors.append(field.duplicate(at.child("name"), name))
        names.add(name)
        if container.get("lifecycle") is not None:
            errors += validate_lifecycle(container["lifecycle"], context.grace_period, at.child("lifecycle"))
        errors += validate_probes(container, context.grace_period, at)
        errors += _validate_restart_policy(container, at)
    return errors + _check_host_ports(containers, path)


def validate_init_containers(
    containers: list[Object] | None, regular: list[Object] | None, context: PodContext, path: Path
) -> ErrorList:
    """spec.initContainers; those that restart always (sidecars) may have hooks and probes."""
    errors: ErrorList = []
    names = {c.get("name") or "" for c in regular or ()}
    for i, container in enumerate(containers or ()):
        at = path.index(i)
        errors += _validate_common(container, context, at)
        errors += _validate_init_restart_policy(container, at)
        name = container.get("name") or ""
        if name in names:
            errors.append(field.duplicate(at.child("name"), name))
        elif name:
            names.add(name)
        errors += _check_host_ports([container], path)
        if container.get("restartPolicy") == "Always":
            if container.get("lifecycle") is not None:
                errors += validate_lifecycle(container["lifecycle"], context.grace_period, at.child("lifecycle"))
            errors += validate_probes(container, context.grace_period, at)
            continue
        detail = "may not be set for init containers without restartPolicy=Always"
        for kind in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe"):
            if container.get(kind) is not None:
                errors.append(field.forbidden(at.child(kind), detail))
    return errors


def validate_ephemeral_containers(spec: Object, context: PodContext, path: Path) -> ErrorList:
    """spec.ephemeralContainers: names of their own, and only what suits debugging."""
    errors: ErrorList = []
    others = {c.get("name") or "" for kind in ("containers", "initContainers") for c in spec.get(kind) or ()}
    names = set(others)
    for i, container in enumerate(spec.get("ephemeralContainers") or ()):
        at = path.index(i)
        errors += _validate_common(container, context, at)
        errors += validate_image_padding(container, at)
        name = container.get("name") or ""
        if name in names:
            errors.append(field.duplicate(at.child("name"), name))
        names.add(name)
        target = container.get("targetContainerName")
        if target and target not in others:
            errors.append(field.not_found(at.child("targetContainerName"), target))
        errors += _what_ephemeral_containers_lack(container, at)
    return errors


def _what_ephemeral_containers_lack(container: Object, path: Path) -> ErrorList:
    detail = "cannot be set for an Ephemeral Container"
    errors = [field.forbidden(path.child(kind), detail) for kind in _EPHEMERAL_FORBIDDEN if _is_set(container, kind)]
    for i, mount in enumerate(container.get("volumeMounts") or ()):
        at = path.child("volumeMounts").index(i)
        errors += [field.forbidden(at.child(kind), detail) for kind in ("subPath", "subPathExpr") if mount.get(kind)]
    return errors


def _is_set(container: Object, name: str) -> bool:
    """Whether the field differs from its zero value: an empty struct behind a pointer does, an empty list does not."""
    value = container.get(name)
    return bool(value) if name in _EMPTY_IS_UNSET else value is not None


def _validate_common(container: Object, context: PodContext, path: Path) -> ErrorList:
    """What holds for containers of every sort."""
    errors: ErrorList = []
    name = container.get("name") or ""
    errors += validate_dns1123_label(name, path.child("name")) if name else [field.required(path.child("name"))]
    if not container.get("image"):
        errors.append(field.required(path.child("image")))
    policy = container.get("terminationMessagePolicy") or ""
    if policy not in ("File", "FallbackToLogsOnError"):
        at = path.child("terminationMessagePolicy")
        supported = ("File", "FallbackToLogsOnError")
        errors.append(field.not_supported(at, policy, supported) if policy else field.required(at))
    errors += _validate_ports(container.get("ports"), path.child("ports"))
    errors += validate_env(container.get("env"), path.child("env"))
    errors += validate_env_from(container.get("envFrom"), path.child("envFrom"))
    errors += validate_volume_mounts(container, context.volumes, path.child("volumeMounts"))
    errors += validate_volume_devices(container, context.volumes, path.child("volumeDevices"))
    errors += validate_pull_policy(container.get("imagePullPolicy") or "", path.child("imagePullPolicy"))
    resources = container.get("resources")
    errors += validate_container_resources(resources, context.claim_names, path.child("resources"), context.options)
    errors += _validate_resize_policy(container.get("resizePolicy"), context.restart_policy, path.child("resizePolicy"))
    security = container.get("securityContext")
    at = path.child("securityContext")
    return errors + validate_security_context(security, at, host_users=context.host_users)


def validate_image_padding(container: Object, path: Path) -> ErrorList:
    """Images of pods (templates are older than this rule) have no space around them."""
    image = container.get("image") or ""
    if image == image.strip():
        return []
    return [field.invalid(path.child("image"), image, "must not have leading or trailing whitespace")]


def validate_pull_policy(policy: str, path: Path) -> ErrorList:
    if policy in _PULL_POLICIES:
        return []
    return [field.not_supported(path, policy, _PULL_POLICIES) if policy else field.required(path)]


def _validate_ports(ports: list[Object] | None, path: Path) -> ErrorList:
    errors: ErrorList = []
    names: set[str] = set()
    for i, port in enumerate(ports or ()):
        at = path.index(i)
        name = port.get("name")
        if name:
            problems = is_valid_port_name(name)
            errors += [field.invalid(at.child("name"), name, m) for m in problems]
            if not problems and name in names:
                errors.append(field.duplicate(at.child("name"), name))
            names.add(name)
        number, host = port.get("containerPort") or 0, port.get("hostPort") or 0
        if not number:
            errors.append(field.required(at.child("containerPort")))
        else:
            errors += [field.invalid(at.child("containerPort"), number, m) for m in is_valid_port_num(number)]
        if host:
            errors += [field.invalid(at.child("hostPort"), host, m) for m in is_valid_port_num(host)]
        protocol = port.get("protocol") or ""
        if protocol not in PROTOCOLS:
            at = at.child("protocol")
            errors.append(field.not_supported(at, protocol, PROTOCOLS) if protocol else field.required(at))
    return errors


def _validate_resize_policy(policies: list[Object] | None, pod_restart_policy: str, path: Path) -> ErrorList:
    errors: ErrorList = []
    resources: set[str] = set()
    for i, policy in enumerate(policies or ()):
        resource, restart = policy.get("resourceName") or "", policy.get("restartPolicy") or ""
        if resource in resources:
            errors.append(field.duplicate(path.index(i), resource))
        resources.add(resource)
        if resource not in ("cpu", "memory"):
            supported = ("cpu", "memory")
            errors.append(field.not_supported(path, resource, supported) if resource else field.required(path))
        if restart not in ("NotRequired", "RestartContainer"):
            supported = ("NotRequired", "RestartContainer")
            errors.append(field.not_supported(path, restart, supported) if restart else field.required(path))
        if pod_restart_policy == "Never" and restart != "NotRequired":
            detail = "must be 'NotRequired' when `restartPolicy` is 'Never'"
            errors.append(field.invalid(path, restart, detail))
    return errors


def _validate_init_restart_policy(container: Object, path: Path) -> ErrorList:
    """An init container's restart policy; the rules are looked at only when there is one."""
    if container.get("restartPolicy") is None:
        return _require_restart_policy(path) if container.get("restartPolicyRules") else []
    return _validate_restart_policy(container, path)


def _require_restart_policy(path: Path) -> ErrorList:
    return [field.required(path.child("restartPolicy"), "must specify restartPolicy when restart rules are used")]


def _validate_restart_policy(container: Object, path: Path) -> ErrorList:
    """A container's own restart policy and its rules."""
    errors: ErrorList = []
    policy, rules = container.get("restartPolicy"), container.get("restartPolicyRules") or ()
    if policy is None and rules:
        errors += _require_restart_policy(path)
    elif policy is not None and policy not in _RESTART_POLICIES:
        errors.append(field.not_supported(path.child("restartPolicy"), policy, _RESTART_POLICIES))
    at = path.child("restartPolicyRules")
    if len(rules) > _MAX_RESTART_RULES:
        errors.append(field.too_long(at, rules, _MAX_RESTART_RULES))
    for i, rule in enumerate(rules):
        errors += _validate_restart_rule(rule, at.index(i))
    return errors


def _validate_restart_rule(rule: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    action = rule.get("action") or ""
    if action not in _RESTART_ACTIONS:
        # The message knows only the first of the two, as upstream's does.
        errors.append(field.not_supported(path.child("action"), action, ("Restart",)))
    codes = rule.get("exitCodes")
    at = path.child("exitCodes")
    if codes is None:
        return [*errors, field.required(at, "must be specified")]
    operator, values = codes.get("operator") or "", codes.get("values") or ()
    if operator not in ("In", "NotIn"):
        errors.append(field.not_supported(at.child("operator"), operator, ("In", "NotIn")))
    if len(values) > _MAX_EXIT_CODES:
        errors.append(field.too_long(at.child("values"), values, _MAX_EXIT_CODES))
    return errors


def _check_host_ports(containers: Iterable[Object], path: Path) -> ErrorList:
    """No two ports bind the same port of the host."""
    errors: ErrorList = []
    taken: set[str] = set()
    for i, container in enumerate(containers):
        for j, port in enumerate(container.get("ports") or ()):
            if not port.get("hostPort"):
                continue
            text = f"{port.get('protocol', '')}/{port.get('hostIP', '')}/{port['hostPort']}"
            if text in taken:
                errors.append(field.duplicate(path.index(i).child("ports").index(j).child("hostPort"), text))
            taken.add(text)
    return errors
