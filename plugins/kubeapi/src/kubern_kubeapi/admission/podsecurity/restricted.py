"""The checks that the restricted level adds (upstream: pod-security-admission/policy/check_*.go).

Some replace a check of the baseline level, see `evaluator.py`.
"""

from __future__ import annotations

from typing import Any

from kubern_kubeapi.admission.podsecurity.baseline import SECCOMP_TYPES, seccomp_baseline, seccomp_type
from kubern_kubeapi.admission.podsecurity.result import (
    Check,
    Violation,
    all_containers,
    in_user_namespace,
    is_windows,
    join_quote,
    named,
    plural,
    security_context,
    setters,
)

Object = dict[str, Any]
_ALLOWED_VOLUMES = (
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret",
)  # fmt: skip
_OTHER_VOLUMES = (
    "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi", "glusterfs", "rbd",
    "flexVolume", "cinder", "cephfs", "flocker", "fc", "azureFile", "vsphereVolume", "quobyte", "azureDisk",
    "photonPersistentDisk", "portworxVolume", "scaleIO", "storageos",
)  # fmt: skip


def not_on_windows(check: Check) -> Check:
    """The check, which lets Windows pods pass: validation keeps them from setting what it asks for."""

    def checked(meta: Object, spec: Object) -> Violation | None:
        return None if is_windows(spec) else check(meta, spec)

    return checked


def not_in_user_namespaces(check: Check) -> Check:
    """The check, which lets pods in a user namespace of their own pass."""

    def checked(meta: Object, spec: Object) -> Violation | None:
        return None if in_user_namespace(spec) else check(meta, spec)

    return checked


def allow_privilege_escalation(meta: Object, spec: Object) -> Violation | None:
    bad = [c["name"] for c in all_containers(spec) if security_context(c).get("allowPrivilegeEscalation") is not False]
    if not bad:
        return None
    detail = f"{named(bad)} must set securityContext.allowPrivilegeEscalation=false"
    return Violation("allowPrivilegeEscalation != false", detail)


def capabilities_restricted(meta: Object, spec: Object) -> Violation | None:
    keeping: list[str] = []
    adding: list[str] = []
    added: set[str] = set()
    for container in all_containers(spec):
        capabilities = security_context(container).get("capabilities") or {}
        if "ALL" not in (capabilities.get("drop") or ()):
            keeping.append(container["name"])
        forbidden = set(capabilities.get("add") or ()) - {"NET_BIND_SERVICE"}
        if forbidden:
            adding.append(container["name"])
            added |= forbidden
    details = []
    if keeping:
        details.append(f'{named(keeping)} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        values = join_quote(sorted(added))
        details.append(f"{named(adding)} must not include {values} in securityContext.capabilities.add")
    return Violation("unrestricted capabilities", "; ".join(details)) if details else None


def restricted_volumes(meta: Object, spec: Object) -> Violation | None:
    bad: list[str] = []
    types: set[str] = set()
    for volume in spec.get("volumes") or ():
        if any(volume.get(kind) is not None for kind in _ALLOWED_VOLUMES):
            continue
        bad.append(volume["name"])
        types.add(next((kind for kind in _OTHER_VOLUMES if volume.get(kind) is not None), "unknown"))
    if not bad:
        return None
    volumes = f"{plural('volume', 'volumes', len(bad))} {join_quote(bad)}"
    word = plural("restricted volume type", "restricted volume types", len(types))
    detail = f"{volumes} {plural('uses', 'use', len(bad))} {word} {join_quote(sorted(types))}"
    return Violation("restricted volume types", detail)


def run_as_non_root(meta: Object, spec: Object) -> Violation | None:
    on_pod = security_context(spec).get("runAsNonRoot")
    said = [(c["name"], security_context(c).get("runAsNonRoot")) for c in all_containers(spec)]
    who = setters(on_pod is False, [name for name, value in said if value is False])
    if who:
        detail = f"{' and '.join(who)} must not set securityContext.runAsNonRoot=false"
        return Violation("runAsNonRoot != true", detail)
    silent = [name for name, value in said if value is None and not on_pod]
    if not silent:
        return None
    return Violation("runAsNonRoot != true", f"pod or {named(silent)} must set securityContext.runAsNonRoot=true")


def run_as_user(meta: Object, spec: Object) -> Violation | None:
    def is_root(obj: Object) -> bool:
        return bool(security_context(obj).get("runAsUser") == 0)

    who = setters(is_root(spec), [c["name"] for c in all_containers(spec) if is_root(c)])
    return Violation("runAsUser=0", f"{' and '.join(who)} must not set runAsUser=0") if who else None


def seccomp_restricted(meta: Object, spec: Object) -> Violation | None:
    explicit = seccomp_baseline(meta, spec)
    if explicit is not None:
        return explicit
    if seccomp_type(spec) in SECCOMP_TYPES:
        return None
    silent = [c["name"] for c in all_containers(spec) if seccomp_type(c) is None]
    if not silent:
        return None
    wanted = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return Violation("seccompProfile", f"pod or {named(silent)} {wanted}")
