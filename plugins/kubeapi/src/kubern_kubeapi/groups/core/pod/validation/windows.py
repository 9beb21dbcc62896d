"""What Windows pods may and may not have, and the other way round (upstream: validateWindows, validateLinux ...)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path

Object = Mapping[str, Any]
_MAX_CREDENTIAL_SPEC_KIB = 64
_MAX_DOMAIN = 256
_MAX_USER = 104
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NET_BIOS = re.compile(r'[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}')
_DNS_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_DNS_DOMAIN = re.compile(rf"{_DNS_LABEL}(?:\.{_DNS_LABEL})*")
_BAD_USER_CHARS = re.compile(r'["/\\:;|=,+*?<>@\[\]]')
_DOTS_AND_SPACES = re.compile(r"[. ]+")
_NOT_FOR_WINDOWS = "cannot be set for a windows pod"
_LINUX_ONLY_POD_FIELDS = (
    ("securityContext", "appArmorProfile"), ("securityContext", "seLinuxOptions"), ("hostUsers",), ("hostPID",),
    ("hostIPC",), ("securityContext", "seccompProfile"), ("securityContext", "fsGroup"),
    ("securityContext", "fsGroupChangePolicy"), ("securityContext", "sysctls"), ("shareProcessNamespace",),
    ("securityContext", "runAsUser"), ("securityContext", "runAsGroup"), ("securityContext", "supplementalGroups"),
    ("securityContext", "supplementalGroupsPolicy"), ("securityContext", "seLinuxChangePolicy"),
)  # fmt: skip
_LINUX_ONLY_CONTAINER_FIELDS = (
    "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged",
    "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup",
)  # fmt: skip


def visit_containers(spec: Object, path: Path) -> Iterator[tuple[Object, Path]]:
    """Every container with its path: init containers, containers, ephemeral ones."""
    for name in ("initContainers", "containers", "ephemeralContainers"):
        for i, container in enumerate(spec.get(name) or ()):
            yield container, path.child(name).index(i)


def validate_windows_options(options: Object | None, path: Path) -> ErrorList:
    """windowsOptions of a security context."""
    if options is None:
        return []
    errors: ErrorList = []
    name = options.get("gmsaCredentialSpecName")
    if name is not None:
        errors += [
            field.invalid(path.child("gmsaCredentialSpecName"), name, m) for m in names.is_dns1123_subdomain(name)
        ]
    spec = options.get("gmsaCredentialSpec")
    if spec is not None:
        at = path.child("gmsaCredentialSpec")
        if not spec:
            errors.append(field.invalid(at, spec, "gmsaCredentialSpec cannot be an empty string"))
        elif len(spec.encode()) > _MAX_CREDENTIAL_SPEC_KIB * 1024:
            detail = f"gmsaCredentialSpec size must be under {_MAX_CREDENTIAL_SPEC_KIB} KiB"
            errors.append(field.invalid(at, spec, detail))
    user = options.get("runAsUserName")
    if user is not None:
        errors += [field.invalid(path.child("runAsUserName"), user, m) for m in _user_name_problems(user)]
    return errors


def _user_name_problems(name: str) -> list[str]:
    if not name:
        return ["runAsUserName cannot be an empty string"]
    if _CONTROL.search(name):
        return ["runAsUserName cannot contain control characters"]
    parts = name.split("\\")
    if len(parts) > 2:
        return ["runAsUserName cannot contain more than one backslash"]
    problems = _domain_problems(parts[0]) if len(parts) == 2 else []
    user = parts[-1]
    if not user:
        problems.append("runAsUserName's User cannot be empty")
    elif len(user.encode()) > _MAX_USER:
        problems.append(f"runAsUserName's User length must not be longer than {_MAX_USER} characters")
    if _DOTS_AND_SPACES.fullmatch(user):
        problems.append("runAsUserName's User cannot contain only periods or spaces")
    if _BAD_USER_CHARS.search(user):
        problems.append("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]")
    return problems


def _domain_problems(domain: str) -> list[str]:
    problems = []
    if len(domain.encode()) >= _MAX_DOMAIN:
        problems.append(f"runAsUserName's Domain length must be under {_MAX_DOMAIN} characters")
    if not (_NET_BIOS.fullmatch(domain) or _DNS_DOMAIN.fullmatch(domain)):
        problems.append("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
    return problems


def _host_process(holder: Object) -> bool | None:
    value = ((holder.get("securityContext") or {}).get("windowsOptions") or {}).get("hostProcess")
    return None if value is None else bool(value)


def validate_host_process_pod(spec: Object, path: Path) -> ErrorList:
    """HostProcess containers come all or none, and with the host's network."""
    errors: ErrorList = []
    of_pod = _host_process(spec)
    count = host_processes = 0
    for container, at in visit_containers(spec, path):
        count += 1
        own = _host_process(container)
        if of_pod is not None and own is not None and of_pod != own:
            detail = f"pod hostProcess value must be identical if both are specified, was {str(of_pod).lower()}"
            errors.append(field.invalid(at.child("securityContext", "windowsOptions", "hostProcess"), own, detail))
        if own or (own is None and of_pod):
            host_processes += 1
    if host_processes:
        if host_processes != count:
            detail = "If pod contains any hostProcess containers then all containers must be HostProcess containers"
            errors.append(field.invalid(path, "", detail))
        if not spec.get("hostNetwork"):
            detail = "hostNetwork must be true if pod contains any hostProcess containers"
            errors.append(field.invalid(path.child("hostNetwork"), False, detail))
    return errors


def validate_os(spec: Object, path: Path) -> ErrorList:
    """spec.os, and that the spec has nothing of the other system."""
    os = spec.get("os")
    if os is None:
        return []
    name = os.get("name") or ""
    if not name:
        return [field.required(path.child("os", "name"))]
    if name not in ("linux", "windows"):
        return [field.not_supported(path.child("os"), name, ("linux", "windows"))]
    return _validate_linux(spec, path) if name == "linux" else _validate_windows(spec, path)


def _validate_linux(spec: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    holders = [(spec, path), *visit_containers(spec, path)]
    for holder, at in holders:
        if (holder.get("securityContext") or {}).get("windowsOptions") is not None:
            detail = "windows options cannot be set for a linux pod"
            errors.append(field.forbidden(at.child("securityContext", "windowsOptions"), detail))
    return errors


def _validate_windows(spec: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    for place in _LINUX_ONLY_POD_FIELDS:
        holder = (spec.get("securityContext") or {}) if len(place) == 2 else spec
        value = holder.get(place[-1])
        unset_by_false = place[-1] in ("hostPID", "hostIPC", "sysctls")
        if value if unset_by_false else value is not None:
            errors.append(field.forbidden(path.child(*place), _NOT_FOR_WINDOWS))
    for container, at in visit_containers(spec, path):
        context = container.get("securityContext") or {}
        for name in _LINUX_ONLY_CONTAINER_FIELDS:
            if context.get(name) is not None:
                errors.append(field.forbidden(at.child("securityContext", name), _NOT_FOR_WINDOWS))
    return errors
