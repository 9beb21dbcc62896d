"""The checks of the baseline level (upstream: pod-security-admission/policy/check_*.go). Next: `restricted.py`."""

from __future__ import annotations

from typing import Any

from kubern.util.goquote import go_quote
from kubern_kubeapi.admission.podsecurity.result import (
    Check,
    Violation,
    all_containers,
    in_user_namespace,
    join_quote,
    named,
    plural,
    security_context,
    setters,
)

Object = dict[str, Any]
DEFAULT_CAPABILITIES = frozenset({
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
    "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
})  # fmt: skip
SELINUX_TYPES = frozenset({"", "container_t", "container_init_t", "container_kvm_t"})
SECCOMP_TYPES = frozenset({"RuntimeDefault", "Localhost"})
APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"
SECCOMP_POD_ANNOTATION = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_CONTAINER_ANNOTATION = "container.seccomp.security.alpha.kubernetes.io/"
SYSCTLS_1_0 = frozenset({
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
})  # fmt: skip
SYSCTLS_1_27 = SYSCTLS_1_0 | {"net.ipv4.ip_local_reserved_ports"}
SYSCTLS_1_29 = SYSCTLS_1_27 | {
    "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
}  # fmt: skip
SYSCTLS_1_32 = SYSCTLS_1_29 | {"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"}
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = ("postStart", "preStop")


def app_armor_profile(meta: Object, spec: Object) -> Violation | None:
    def profile(obj: Object) -> str | None:
        found = security_context(obj).get("appArmorProfile")
        kind = None if found is None else found.get("type", "")
        return kind if kind not in (None, *SECCOMP_TYPES) else None

    on_pod = profile(spec)
    bad = [(c["name"], kind) for c in all_containers(spec) if (kind := profile(c)) is not None]
    values = sorted({kind for _, kind in bad} | ({on_pod} if on_pod is not None else set()))
    who = setters(on_pod is not None, [name for name, _ in bad])
    annotations = sorted(
        f"{key}={go_quote(value)}"
        for key, value in (meta.get("annotations") or {}).items()
        if key.startswith(APPARMOR_ANNOTATION)
        and value not in ("", "runtime/default")
        and not value.startswith("localhost/")
    )
    if annotations:
        values += annotations
        who.append(plural("annotation", "annotations", len(annotations)))
    if not who:
        return None
    reason = plural("forbidden AppArmor profile", "forbidden AppArmor profiles", len(values))
    return Violation(reason, f"{' and '.join(who)} must not set AppArmor profile type to {join_quote(values)}")


def capabilities_baseline(meta: Object, spec: Object) -> Violation | None:
    bad: list[str] = []
    found: set[str] = set()
    for container in all_containers(spec):
        added = (security_context(container).get("capabilities") or {}).get("add") or ()
        forbidden = set(added) - DEFAULT_CAPABILITIES
        if forbidden:
            bad.append(container["name"])
            found |= forbidden
    if not bad:
        return None
    detail = f"{named(bad)} must not include {join_quote(sorted(found))} in securityContext.capabilities.add"
    return Violation("non-default capabilities", detail)


def host_namespaces(meta: Object, spec: Object) -> Violation | None:
    found = [f"{field}=true" for field in ("hostNetwork", "hostPID", "hostIPC") if spec.get(field)]
    return Violation("host namespaces", ", ".join(found)) if found else None


def host_path_volumes(meta: Object, spec: Object) -> Violation | None:
    bad = [v["name"] for v in spec.get("volumes") or () if v.get("hostPath") is not None]
    if not bad:
        return None
    return Violation("hostPath volumes", f"{plural('volume', 'volumes', len(bad))} {join_quote(bad)}")


def host_ports(meta: Object, spec: Object) -> Violation | None:
    bad: list[str] = []
    found: set[str] = set()
    for container in all_containers(spec):
        ports = {str(p["hostPort"]) for p in container.get("ports") or () if p.get("hostPort")}
        if ports:
            bad.append(container["name"])
            found |= ports
    if not bad:
        return None
    word = plural("hostPort", "hostPorts", len(found))
    return Violation("hostPort", f"{named(bad)} {plural('uses', 'use', len(bad))} {word} {', '.join(sorted(found))}")


def host_probes_and_lifecycle(meta: Object, spec: Object) -> Violation | None:
    bad: set[str] = set()
    found: set[str] = set()
    for container in all_containers(spec):
        lifecycle = container.get("lifecycle") or {}
        actions = [container.get(p) or {} for p in _PROBES] + [lifecycle.get(h) or {} for h in _HANDLERS]
        hosts = {(a.get(kind) or {}).get("host") for a in actions for kind in ("httpGet", "tcpSocket")} - {None, ""}
        if hosts:
            bad.add(container["name"])
            found.update(filter(None, hosts))
    if not bad:
        return None
    word = plural("probe or lifecycle host", "probe or lifecycle hosts", len(found))
    detail = f"{named(sorted(bad))} {plural('uses', 'use', len(bad))} {word} {join_quote(sorted(found))}"
    return Violation("probe or lifecycle host", detail)


def privileged(meta: Object, spec: Object) -> Violation | None:
    bad = [c["name"] for c in all_containers(spec) if security_context(c).get("privileged")]
    return Violation("privileged", f"{named(bad)} must not set securityContext.privileged=true") if bad else None


def proc_mount_1_0(meta: Object, spec: Object) -> Violation | None:
    bad: list[str] = []
    found: set[str] = set()
    for container in all_containers(spec):
        kind = security_context(container).get("procMount")
        if kind is not None and kind != "Default":
            bad.append(container["name"])
            found.add(kind)
    if not bad:
        return None
    return Violation("procMount", f"{named(bad)} must not set securityContext.procMount to {join_quote(sorted(found))}")


def proc_mount_1_35(meta: Object, spec: Object) -> Violation | None:
    return None if in_user_namespace(spec) else proc_mount_1_0(meta, spec)


def selinux_options(types: frozenset[str]) -> Check:
    """The check that allows these types."""

    def check(meta: Object, spec: Object) -> Violation | None:
        faults: list[tuple[str, Object]] = []
        for who, obj in [("", spec), *((c["name"], c) for c in all_containers(spec))]:
            options = security_context(obj).get("seLinuxOptions") or {}
            if options.get("type", "") not in types or options.get("user") or options.get("role"):
                faults.append((who, options))
        if not faults:
            return None
        bad_types = sorted({o.get("type", "") for _, o in faults} - types)
        data = [f"{plural('type', 'types', len(bad_types))} {join_quote(bad_types)}"] if bad_types else []
        data += [f"{field} may not be set" for field in ("user", "role") if any(o.get(field) for _, o in faults)]
        who_set = setters(any(not who for who, _ in faults), [who for who, _ in faults if who])
        detail = f"{' and '.join(who_set)} set forbidden securityContext.seLinuxOptions: {'; '.join(data)}"
        return Violation("seLinuxOptions", detail)

    return check


def seccomp_annotations(meta: Object, spec: Object) -> Violation | None:
    """Before 1.19 the profile was an annotation."""
    annotations = meta.get("annotations") or {}
    keys = [SECCOMP_POD_ANNOTATION, *(SECCOMP_CONTAINER_ANNOTATION + c["name"] for c in all_containers(spec))]
    found = sorted(
        f"{key}={go_quote(annotations[key])}"
        for key in set(keys) & set(annotations)
        if annotations[key] not in ("runtime/default", "docker/default")
        and not annotations[key].startswith("localhost/")
    )
    if not found:
        return None
    word = plural("annotation", "annotations", len(found))
    return Violation("seccompProfile", f"forbidden {word} {', '.join(found)}")


def seccomp_type(obj: Object) -> str | None:
    """The type of a pod spec's or container's own profile."""
    profile = security_context(obj).get("seccompProfile")
    return None if profile is None else profile.get("type", "")


def seccomp_baseline(meta: Object, spec: Object) -> Violation | None:
    found = [("", seccomp_type(spec)), *((c["name"], seccomp_type(c)) for c in all_containers(spec))]
    bad = [(who, kind) for who, kind in found if kind is not None and kind not in SECCOMP_TYPES]
    if not bad:
        return None
    who_set = setters(any(not who for who, _ in bad), [who for who, _ in bad if who])
    values = join_quote(sorted({kind for _, kind in bad}))
    detail = f"{' and '.join(who_set)} must not set securityContext.seccompProfile.type to {values}"
    return Violation("seccompProfile", detail)


def sysctls(allowed: frozenset[str]) -> Check:
    """The check that allows these."""

    def check(meta: Object, spec: Object) -> Violation | None:
        names = [s.get("name", "") for s in security_context(spec).get("sysctls") or ()]
        bad = [name for name in names if name not in allowed]
        return Violation("forbidden sysctls", ", ".join(bad)) if bad else None

    return check


def windows_host_process(meta: Object, spec: Object) -> Violation | None:
    def sets(obj: Object) -> bool:
        return bool((security_context(obj).get("windowsOptions") or {}).get("hostProcess"))

    who = setters(sets(spec), [c["name"] for c in all_containers(spec) if sets(c)])
    if not who:
        return None
    return Violation("hostProcess", f"{' and '.join(who)} must not set securityContext.windowsOptions.hostProcess=true")
