"""Security contexts of pods and containers, sysctls, seccomp and AppArmor profiles (upstream: validation.go).

Next: `windows.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.formats import is_valid_id
from kubern_kubeapi.groups.core.pod.internal_types import CORE_TYPES
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions
from kubern_kubeapi.groups.core.pod.validation.paths import validate_local_descending_path
from kubern_kubeapi.groups.core.pod.validation.windows import validate_windows_options

Object = Mapping[str, Any]
_SYSCTL_SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SYSCTL_SHOWN = rf"^({_SYSCTL_SEGMENT}[\./])*{_SYSCTL_SEGMENT}$"
_SYSCTL = re.compile(r"[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?(?:[./][a-z0-9](?:[-_a-z0-9]*[a-z0-9])?)*")
_SYSCTL_MAX_LENGTH = 253
_IPC_SYSCTLS = ("kernel.shm", "kernel.msg", "fs.mqueue.")
_SECCOMP_TYPES = ("Localhost", "RuntimeDefault", "Unconfined")
_MAX_APP_ARMOR_PROFILE = 4095


def _validate_ids(context: Object, names: tuple[str, ...], path: Path) -> ErrorList:
    errors: ErrorList = []
    for name in names:
        value = context.get(name)
        if value is not None:
            errors += [field.invalid(path.child(name), value, m) for m in is_valid_id(value)]
    return errors


def validate_pod_security_context(spec: Object, path: Path, options: PodValidationOptions) -> ErrorList:
    """spec.securityContext; host namespaces stand in the spec itself."""
    context = spec.get("securityContext")
    if context is None:
        return []
    errors = _validate_ids(context, ("fsGroup", "runAsUser", "runAsGroup"), path)
    for i, group in enumerate(context.get("supplementalGroups") or ()):
        errors += [field.invalid(path.child("supplementalGroups").index(i), group, m) for m in is_valid_id(group)]
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        detail = "ShareProcessNamespace and HostPID cannot both be enabled"
        errors.append(field.invalid(path.child("shareProcessNamespace"), True, detail))
    errors += _validate_sysctls(spec, context.get("sysctls"), path.child("sysctls"), options)
    errors += _validate_enum(context, "fsGroupChangePolicy", {"OnRootMismatch", "Always"}, path)
    errors += validate_seccomp_profile(context.get("seccompProfile"), path.child("seccompProfile"))
    errors += validate_windows_options(context.get("windowsOptions"), path.child("windowsOptions"))
    errors += validate_app_armor_profile(context.get("appArmorProfile"), path.child("appArmorProfile"))
    errors += _validate_enum(context, "supplementalGroupsPolicy", {"Merge", "Strict"}, path)
    errors += _validate_enum(context, "seLinuxChangePolicy", {"Recursive", "MountOption"}, path)
    return errors


def _validate_enum(context: Object, name: str, supported: set[str], path: Path) -> ErrorList:
    value = context.get(name)
    if value is None or value in supported:
        return []
    return [field.not_supported(path.child(name), value, supported)]


def _validate_sysctls(
    spec: Object, sysctls: list[Object] | None, path: Path, options: PodValidationOptions
) -> ErrorList:
    errors: ErrorList = []
    seen: set[str] = set()
    for i, sysctl in enumerate(sysctls or ()):
        at = path.index(i).child("name")
        name = sysctl.get("name") or ""
        if not name:
            errors.append(field.required(at))
        elif len(name.encode()) > _SYSCTL_MAX_LENGTH or not _SYSCTL.fullmatch(name):
            detail = f"must have at most {_SYSCTL_MAX_LENGTH} characters and match regex {_SYSCTL_SHOWN}"
            errors.append(field.invalid(at, name, detail))
        elif name in seen:
            errors.append(field.duplicate(at, name))
        if not options.allow_namespaced_sysctls_for_host_net_and_host_ipc:
            problem = host_sysctl_problem(name, spec)
            if problem:
                errors.append(field.invalid(at, name, problem))
        seen.add(name)
    return errors


def _normalized_sysctl(name: str) -> str:
    """With dots as separators, whichever separator comes first in it."""
    dot, slash = name.find("."), name.find("/")
    if slash < 0 or (0 <= dot < slash):
        return name
    return name.translate(str.maketrans("./", "/."))


def host_sysctl_problem(name: str, spec: Object) -> str:
    """Why a sysctl cannot be set in a namespace shared with the host, "" when it can."""
    normalized = _normalized_sysctl(name)
    if spec.get("hostNetwork") and normalized.startswith("net."):
        return "may not be specified when 'hostNetwork' is true"
    ipc = normalized == "kernel.sem" or normalized.startswith(_IPC_SYSCTLS)
    if spec.get("hostIPC") and ipc:
        return "may not be specified when 'hostIPC' is true"
    return ""


def validate_seccomp_profile(profile: Object | None, path: Path) -> ErrorList:
    if profile is None:
        return []
    errors: ErrorList = []
    kind, local = profile.get("type") or "", profile.get("localhostProfile")
    if not kind:
        errors.append(field.required(path.child("type"), "type is required when seccompProfile is set"))
    elif kind not in _SECCOMP_TYPES:
        errors.append(field.not_supported(path.child("type"), kind, _SECCOMP_TYPES))
    at = path.child("localhostProfile")
    if kind != "Localhost":
        if local is not None:
            value = CORE_TYPES.render("SeccompProfile", profile)
            errors.append(field.invalid(at, value, "can only be set when seccomp type is Localhost"))
    elif local is None:
        errors.append(field.required(at, "must be set when seccomp type is Localhost"))
    else:
        errors += validate_local_descending_path(local, at)
    return errors


def validate_app_armor_profile(profile: Object | None, path: Path) -> ErrorList:
    if profile is None:
        return []
    kind, local = profile.get("type") or "", profile.get("localhostProfile")
    at = path.child("localhostProfile")
    if kind == "Localhost":
        return _validate_app_armor_localhost(local, at)
    if kind in ("RuntimeDefault", "Unconfined"):
        if local is None:
            return []
        return [field.invalid(at, local, "can only be set when AppArmor type is Localhost")]
    if not kind:
        return [field.required(path.child("type"), "type is required when appArmorProfile is set")]
    return [field.not_supported(path.child("type"), kind, ("Localhost", "RuntimeDefault", "Unconfined"))]


def _validate_app_armor_localhost(local: str | None, path: Path) -> ErrorList:
    required = "must be set when AppArmor type is Localhost"
    if local is None:
        return [field.required(path, required)]
    errors: ErrorList = []
    if local.strip() != local:
        errors.append(field.invalid(path, local, "must not be padded with whitespace"))
    elif not local:
        errors.append(field.required(path, required))
    if len(local.encode()) > _MAX_APP_ARMOR_PROFILE:
        errors.append(field.too_long(path, "", _MAX_APP_ARMOR_PROFILE))
    return errors


def validate_security_context(context: Object | None, path: Path, *, host_users: bool) -> ErrorList:
    """A container's securityContext."""
    if context is None:
        return []
    errors = _validate_ids(context, ("runAsUser", "runAsGroup"), path)
    proc_mount = context.get("procMount")
    if proc_mount is not None:
        at = path.child("procMount")
        if proc_mount not in ("Default", "Unmasked"):
            errors.append(field.not_supported(at, proc_mount, ("Default", "Unmasked")))
        elif proc_mount == "Unmasked" and host_users:
            errors.append(field.invalid(at, proc_mount, "`hostUsers` must be false to use `Unmasked`"))
    errors += validate_seccomp_profile(context.get("seccompProfile"), path.child("seccompProfile"))
    if context.get("allowPrivilegeEscalation") is False:
        errors += _validate_no_escalation(context, path)
    errors += validate_windows_options(context.get("windowsOptions"), path.child("windowsOptions"))
    return errors + validate_app_armor_profile(context.get("appArmorProfile"), path.child("appArmorProfile"))


def _validate_no_escalation(context: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    prefix = "cannot set `allowPrivilegeEscalation` to false and "
    shown = CORE_TYPES.render("SecurityContext", context)
    if context.get("privileged"):
        errors.append(field.invalid(path, shown, prefix + "`privileged` to true"))
    for capability in (context.get("capabilities") or {}).get("add") or ():
        if capability == "CAP_SYS_ADMIN":
            errors.append(field.invalid(path, shown, prefix + "`capabilities.Add` CAP_SYS_ADMIN"))
    return errors
