"""Pod Security's checks by level and version."""

from __future__ import annotations

from typing import Any

import pytest

from kubern_kubeapi.admission.podsecurity.evaluator import Evaluator, describe
from kubern_kubeapi.admission.podsecurity.policy import UNRESTRICTED, LevelVersion, policy_of

PREFIX = "pod-security.kubernetes.io/"
GOOD: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def _evaluate(level: str, version: str, spec: dict[str, Any], **meta: Any) -> str:
    return describe(Evaluator().evaluate(LevelVersion(level, version), meta, spec))


def _pod(**context: Any) -> dict[str, Any]:
    return {"containers": [{"name": "c", "securityContext": {**GOOD, **context}}]}


@pytest.mark.parametrize("version", ["v1.0", "v1.19", "v1.25", "v1.36", "v1.99", "latest"])
def test_good_pod_passes_all(version: str) -> None:
    """A pod that follows the newest rules follows the old ones."""
    assert _evaluate("restricted", version, _pod()) == ""


def test_versions_of_checks() -> None:
    """A check holds from the version on that brought it, in the form of the version asked for."""
    sysctl = {"containers": [], "securityContext": {"sysctls": [{"name": "net.ipv4.tcp_rmem", "value": "1"}]}}
    assert _evaluate("baseline", "v1.31", sysctl) == "forbidden sysctls (net.ipv4.tcp_rmem)"
    assert _evaluate("baseline", "v1.32", sysctl) == ""
    engine = _pod(seLinuxOptions={"type": "container_engine_t"})
    assert 'type "container_engine_t"' in _evaluate("baseline", "v1.30", engine)
    assert _evaluate("baseline", "v1.31", engine) == ""
    probe = {"containers": [{"name": "c", "livenessProbe": {"httpGet": {"host": "h", "port": 1}}}]}
    assert _evaluate("baseline", "v1.33", probe) == ""
    text = 'probe or lifecycle host (container "c" uses probe or lifecycle host "h")'
    assert _evaluate("baseline", "v1.34", probe) == text
    assert _evaluate("restricted", "v1.22", _pod(runAsUser=0)) == ""
    text = 'runAsUser=0 (container "c" must not set runAsUser=0)'
    assert _evaluate("restricted", "v1.23", _pod(runAsUser=0)) == text
    assert _evaluate("restricted", "v1.35", {**_pod(runAsUser=0), "hostUsers": False}) == ""


def test_windows_pods() -> None:
    """From 1.25 on Windows pods need not state what they cannot."""
    spec = {"os": {"name": "windows"}, "securityContext": {"runAsNonRoot": True}, "containers": [{"name": "c"}]}
    assert "seccompProfile" in _evaluate("restricted", "v1.24", spec)
    assert _evaluate("restricted", "v1.25", spec) == ""


def test_annotations() -> None:
    """AppArmor's annotations count in all versions, seccomp's before 1.19."""
    key = "container.apparmor.security.beta.kubernetes.io/c"
    text = f'forbidden AppArmor profile (annotation must not set AppArmor profile type to "{key}="unconfined"")'
    assert _evaluate("baseline", "latest", _pod(), annotations={key: "unconfined"}) == text
    key = "seccomp.security.alpha.kubernetes.io/pod"
    found = _evaluate("baseline", "v1.18", {"containers": []}, annotations={key: "unconfined"})
    assert found == f'seccompProfile (forbidden annotation {key}="unconfined")'
    assert _evaluate("baseline", "v1.19", {"containers": []}, annotations={key: "unconfined"}) == ""


def test_labels() -> None:
    """Faulty labels are told together; a faulty level enforces the strictest, warns of what is enforced."""
    labels = {f"{PREFIX}enforce": "strict", f"{PREFIX}audit-version": "1.2", f"{PREFIX}warn": "x"}
    policy, errors = policy_of(labels, UNRESTRICTED)
    assert policy.enforce == ("restricted", "latest")
    assert policy.warn == ("privileged", "latest")
    assert [str(e) for e in errors] == [
        f'metadata.labels[{PREFIX}enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted',
        f'metadata.labels[{PREFIX}audit-version]: Invalid value: "1.2": must be "latest" or "v1.x"',
        f'metadata.labels[{PREFIX}warn]: Invalid value: "x": must be one of privileged, baseline, restricted',
    ]
    policy, errors = policy_of({f"{PREFIX}enforce": "baseline", f"{PREFIX}enforce-version": "v1.30"}, UNRESTRICTED)
    assert not errors
    assert policy.warn == policy.enforce == ("baseline", "v1.30")


def test_order_of_violations() -> None:
    """What the baseline level forbids is told first, then what the restricted one adds; both by the checks' ids."""
    spec = {
        "hostNetwork": True,
        "securityContext": {"seLinuxOptions": {"user": "u", "role": "r"}, "sysctls": [{"name": "kernel.sem"}]},
        "volumes": [{"name": "v", "nfs": {}}],
        "containers": [{"name": "c", "securityContext": {"privileged": True}}],
    }
    found = Evaluator().evaluate(LevelVersion("restricted", "latest"), {}, spec)
    assert [violation.reason for violation in found] == [
        "host namespaces",
        "privileged",
        "seLinuxOptions",
        "forbidden sysctls",
        "allowPrivilegeEscalation != false",
        "unrestricted capabilities",
        "restricted volume types",
        "runAsNonRoot != true",
        "seccompProfile",
    ]
    assert found[2].detail == (
        "pod set forbidden securityContext.seLinuxOptions: user may not be set; role may not be set"
    )


@pytest.mark.parametrize(
    ("labels", "warn", "shown"),
    [
        ({"enforce": "baseline", "warn-version": "v1.20"}, ("baseline", "v1.20"), "enforce=baseline:latest, warn="),
        ({"enforce": "nonsense"}, ("privileged", "latest"), "enforce=restricted:latest"),
        ({"enforce": "baseline", "audit": "restricted"}, ("baseline", "latest"), "enforce=baseline:latest, audit="),
        ({"audit-version": "v1.20", "warn": "baseline"}, ("baseline", "latest"), "warn=baseline:latest"),
    ],
)
def test_policy_from_labels(labels: dict[str, str], warn: tuple[str, str], shown: str) -> None:
    """An enforced level is warned of, in the version to warn of; messages show what labels ask for."""
    full = {f"{PREFIX}{key}": value for key, value in labels.items()}
    policy, _ = policy_of(full, UNRESTRICTED)
    assert policy.warn == warn
    assert policy.compact(full).startswith(shown)
