"""Which checks a level has in a version (upstream: pod-security-admission/policy/registry.go)."""

from __future__ import annotations

from typing import Any, NamedTuple

from kubern_kubeapi.admission.podsecurity import baseline, restricted
from kubern_kubeapi.admission.podsecurity.policy import BASELINE, LEVELS, PRIVILEGED, RESTRICTED, LevelVersion
from kubern_kubeapi.admission.podsecurity.restricted import not_in_user_namespaces, not_on_windows
from kubern_kubeapi.admission.podsecurity.result import Check, Violation

Object = dict[str, Any]
LATEST_MINOR = 36


class Rule(NamedTuple):
    """A check's id, its level, its forms by the minor version they came with, and the baseline check it replaces."""

    id: str
    level: str
    forms: tuple[tuple[int, Check], ...]
    overrides: str = ""


_ROOT, _USER = restricted.run_as_non_root, restricted.run_as_user
_ESCALATION, _CAPABILITIES = restricted.allow_privilege_escalation, restricted.capabilities_restricted
_SECCOMP = restricted.seccomp_restricted
RULES = (
    Rule("allowPrivilegeEscalation", RESTRICTED, ((8, _ESCALATION), (25, not_on_windows(_ESCALATION)))),
    Rule("appArmorProfile", BASELINE, ((0, baseline.app_armor_profile),)),
    Rule("capabilities_baseline", BASELINE, ((0, baseline.capabilities_baseline),)),
    Rule(
        "capabilities_restricted",
        RESTRICTED,
        ((22, _CAPABILITIES), (25, not_on_windows(_CAPABILITIES))),
        "capabilities_baseline",
    ),
    Rule("hostNamespaces", BASELINE, ((0, baseline.host_namespaces),)),
    Rule("hostPathVolumes", BASELINE, ((0, baseline.host_path_volumes),)),
    Rule("hostPorts", BASELINE, ((0, baseline.host_ports),)),
    Rule("hostProbesAndHostLifecycle", BASELINE, ((34, baseline.host_probes_and_lifecycle),)),
    Rule("privileged", BASELINE, ((0, baseline.privileged),)),
    Rule("procMount", BASELINE, ((0, baseline.proc_mount_1_0), (35, baseline.proc_mount_1_35))),
    Rule("procMount_restricted", RESTRICTED, ((35, baseline.proc_mount_1_0),), "procMount"),
    Rule("restrictedVolumes", RESTRICTED, ((0, restricted.restricted_volumes),), "hostPathVolumes"),
    Rule("runAsNonRoot", RESTRICTED, ((0, _ROOT), (35, not_in_user_namespaces(_ROOT)))),
    Rule("runAsUser", RESTRICTED, ((23, _USER), (35, not_in_user_namespaces(_USER)))),
    Rule(
        "seLinuxOptions",
        BASELINE,
        (
            (0, baseline.selinux_options(baseline.SELINUX_TYPES)),
            (31, baseline.selinux_options(baseline.SELINUX_TYPES | {"container_engine_t"})),
        ),
    ),
    Rule("seccompProfile_baseline", BASELINE, ((0, baseline.seccomp_annotations), (19, baseline.seccomp_baseline))),
    Rule(
        "seccompProfile_restricted",
        RESTRICTED,
        ((19, _SECCOMP), (25, not_on_windows(_SECCOMP))),
        "seccompProfile_baseline",
    ),
    Rule(
        "sysctls",
        BASELINE,
        (
            (0, baseline.sysctls(baseline.SYSCTLS_1_0)),
            (27, baseline.sysctls(baseline.SYSCTLS_1_27)),
            (29, baseline.sysctls(baseline.SYSCTLS_1_29)),
            (32, baseline.sysctls(baseline.SYSCTLS_1_32)),
        ),
    ),
    Rule("windowsHostProcess", BASELINE, ((0, baseline.windows_host_process),)),
)
"""In the order of their ids."""
_IN_ORDER = sorted(RULES, key=lambda rule: LEVELS.index(rule.level))
"""As violations are told: those of the baseline level first."""


class Evaluator:
    """Evaluates pods; remembers which checks a level and version have."""

    def __init__(self) -> None:
        self._checks: dict[LevelVersion, tuple[Check, ...]] = {}

    def evaluate(self, wanted: LevelVersion, meta: Object, spec: Object) -> list[Violation]:
        """Everything that `wanted` forbids about a pod with this metadata and spec."""
        checks = self._checks.get(wanted)
        if checks is None:
            checks = self._checks[wanted] = _checks_of(wanted)
        return [v for v in (check(meta, spec) for check in checks) if v is not None]


def _checks_of(wanted: LevelVersion) -> tuple[Check, ...]:
    if wanted.level == PRIVILEGED:
        return ()
    minor = LATEST_MINOR if wanted.minor is None else min(wanted.minor, LATEST_MINOR)
    levels = (BASELINE,) if wanted.level == BASELINE else (BASELINE, RESTRICTED)
    chosen = {
        rule.id: (rule, [form for since, form in rule.forms if since <= minor])
        for rule in _IN_ORDER
        if rule.level in levels
    }
    chosen = {id_: (rule, forms) for id_, (rule, forms) in chosen.items() if forms}
    overridden = {rule.overrides for rule, _ in chosen.values()}
    return tuple(forms[-1] for id_, (_, forms) in chosen.items() if id_ not in overridden)


def describe(violations: list[Violation]) -> str:
    """All violations with their details (upstream: AggregateCheckResult.ForbiddenDetail)."""
    return ", ".join(f"{v.reason} ({v.detail})" if v.detail else v.reason for v in violations)
