"""Warnings about containers: doubled variables and ports, odd quantities (upstream: pkg/api/pod/warnings.go)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery.field import Path
from kubern.apimachinery.quantity import Quantity
from kubern.util.goquote import go_quote
from kubern_kubeapi.groups.core.pod.validation.annotations import APP_ARMOR_PREFIX, SECCOMP_CONTAINER_PREFIX
from kubern_kubeapi.groups.core.pod.validation.windows import visit_containers

Object = Mapping[str, Any]


def warnings_for_containers(
    spec: Object, annotations: Mapping[str, str], path: Path, annotations_path: Path, *, is_pod: bool
) -> list[str]:
    """Warnings about each container, then about their ports together."""
    warnings: list[str] = []
    pod_context = spec.get("securityContext") or {}
    for container, at in visit_containers(spec, path):
        context = container.get("securityContext") or {}
        name = container.get("name") or ""
        key = SECCOMP_CONTAINER_PREFIX + name
        if key in annotations and context.get("seccompProfile") is None:
            message = 'non-functional in v1.27+; use the "seccompProfile" field instead'
            warnings.append(f"{annotations_path.key(key)}: {message}")
        key = APP_ARMOR_PREFIX + name
        profiled = pod_context.get("appArmorProfile") is not None or context.get("appArmorProfile") is not None
        if not is_pod and not profiled and key in annotations:
            message = 'deprecated since v1.30; use the "appArmorProfile" field instead'
            warnings.append(f"{annotations_path.key(key)}: {message}")
        if container.get("resources"):
            warnings += _for_quantities(container["resources"], at.child("resources"))
        if len(container.get("env") or ()) > 1:
            warnings += _for_env(container["env"], at.child("env"))
    return warnings + _for_ports(spec, path)


def _for_quantities(resources: Object, path: Path) -> list[str]:
    warnings = []
    for name in ("memory", "ephemeral-storage"):
        for kind in ("limits", "requests"):
            text = (resources.get(kind) or {}).get(name)
            if text is not None and Quantity.parse(text).milli_value() % 1000:
                at = path.child(kind).key(name)
                warnings.append(f"{at}: fractional byte value {go_quote(text)} is invalid, must be an integer")
    return warnings


def _for_env(variables: Any, path: Path) -> list[str]:
    """A variable that is set again without building on its first value."""
    warnings = []
    seen: set[str] = set()
    for i, variable in enumerate(variables):
        name = variable.get("name") or ""
        if name in seen:
            value, ref = variable.get("value") or "", f"$({name})"
            if variable.get("valueFrom") is not None or value == ref or ref not in value:
                warnings.append(
                    f"{path.index(i)}: hides previous definition of {go_quote(name)}, "
                    "which may be dropped when using apply"
                )
        seen.add(name)
    return warnings


def _for_ports(spec: Object, path: Path) -> list[str]:
    warnings = []
    known: dict[tuple[int, str], list[tuple[Path, Object]]] = {}
    for container, at in visit_containers(spec, path):
        for i, port in enumerate(container.get("ports") or ()):
            here = at.child("ports").index(i)
            if port.get("hostIP") and not port.get("hostPort"):
                warnings.append(f"{here}: hostIP set without hostPort: {_go_struct(port)}")
            others = known.setdefault((port.get("containerPort") or 0, port.get("protocol") or ""), [])
            conflicts = ((_conflict(port, other), other_path) for other_path, other in others)
            warnings += [f"{here}: {word} port definition with {other_path}" for word, other_path in conflicts if word]
            others.append((here, port))
    return warnings


def _conflict(a: Object, b: Object) -> str:
    """How two definitions of one container port get into each other's way, "" when they do not."""
    ip_a, ip_b = a.get("hostIP") or "", b.get("hostIP") or ""
    port_a, port_b = a.get("hostPort") or 0, b.get("hostPort") or 0
    if (ip_a, port_a) == (ip_b, port_b):
        return "duplicate"
    if not port_a or not port_b:
        return "overlapping"
    return "dangerously ambiguous" if port_a == port_b and bool(ip_a) != bool(ip_b) else ""


def _go_struct(port: Object) -> str:
    """A container port as Go's %+v prints it."""
    fields = (("Name", ""), ("HostPort", 0), ("ContainerPort", 0), ("Protocol", ""), ("HostIP", ""))
    values = (f"{name}:{port.get(name[0].lower() + name[1:]) or empty}" for name, empty in fields)
    return "{" + " ".join(values) + "}"
