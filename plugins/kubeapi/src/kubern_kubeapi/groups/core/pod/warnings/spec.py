"""Warnings about pod specs that are valid but probably not meant (upstream: pkg/api/pod/warnings.go).

Next: `containers.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kubern.apimachinery.field import Path
from kubern.apimachinery.quantity import Quantity
from kubern.util.goquote import go_quote
from kubern_kubeapi.groups.core.pod.validation.annotations import SECCOMP_POD
from kubern_kubeapi.groups.core.pod.warnings.containers import warnings_for_containers
from kubern_kubeapi.groups.core.pod.warnings.volumes import warnings_for_volumes
from kubern_kubeapi.groups.node_labels import node_label_deprecation, warnings_for_node_selector_term

Object = Mapping[str, Any]
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_DEAD_ANNOTATIONS = (
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        'non-functional in v1.16+; use the "priorityClassName" field instead',
    ),
    ("security.alpha.kubernetes.io/sysctls", 'non-functional in v1.11+; use the "sysctls" field instead'),
    ("security.alpha.kubernetes.io/unsafe-sysctls", 'non-functional in v1.11+; use the "sysctls" field instead'),
)
_NULL_SELECTOR = "a null labelSelector results in matching no pod"


def warnings_for_pod_template(template: Object, path: Path) -> list[str]:
    """Warnings about a pod template at `path`."""
    spec, meta = template.get("spec") or {}, template.get("metadata") or {}
    return warnings_for_pod_spec(spec, meta, path.child("spec"), path.child("metadata"), is_pod=False)


def warnings_for_pod_spec(spec: Object, meta: Object, path: Path, meta_path: Path, *, is_pod: bool) -> list[str]:
    """Warnings about a spec and its metadata, in upstream's order."""
    annotations = meta.get("annotations") or {}
    annotations_path = meta_path.child("annotations")
    warnings = _for_node_labels(spec, path)
    if spec.get("topologySpreadConstraints"):
        warnings += _for_topology_spread(spec, path.child("topologySpreadConstraints"))
    for key, message in _DEAD_ANNOTATIONS if annotations else ():
        if key in annotations:
            warnings.append(f"{annotations_path.key(key)}: {message}")
    if spec.get("volumes"):
        warnings += warnings_for_volumes(spec["volumes"], path.child("volumes"))
    if spec.get("hostAliases"):
        warnings += _for_duplicates(spec["hostAliases"], "ip", path.child("hostAliases"))
    if spec.get("imagePullSecrets"):
        warnings += _for_pull_secrets(spec["imagePullSecrets"], path.child("imagePullSecrets"))
    if spec.get("overhead"):
        for name in ("memory", "ephemeral-storage"):
            warnings += fractional_bytes(spec["overhead"].get(name), path.child("overhead").key(name))
    if (spec.get("securityContext") or {}).get("seccompProfile") is None and SECCOMP_POD in annotations:
        message = 'non-functional in v1.27+; use the "seccompProfile" field instead'
        warnings.append(f"{annotations_path.key(SECCOMP_POD)}: {message}")
    warnings += warnings_for_containers(spec, annotations, path, annotations_path, is_pod=is_pod)
    period = spec.get("terminationGracePeriodSeconds")
    if period is not None and period < 0:
        at = path.child("terminationGracePeriodSeconds")
        warnings.append(f"{at}: must be >= 0; negative values are invalid and will be treated as 1")
    if spec.get("affinity"):
        warnings += _for_pod_affinity(spec["affinity"], path.child("affinity"))
    return warnings


def _for_node_labels(spec: Object, path: Path) -> list[str]:
    warnings = []
    for key in sorted(spec.get("nodeSelector") or ()):
        message = node_label_deprecation(key)
        if message:
            warnings.append(f"{path.child('nodeSelector').key(key)}: {message}")
    affinity = (spec.get("affinity") or {}).get("nodeAffinity")
    if not affinity:
        return warnings
    at = path.child("affinity", "nodeAffinity")
    required = (affinity.get(_REQUIRED) or {}).get("nodeSelectorTerms") or ()
    for i, term in enumerate(required):
        warnings += warnings_for_node_selector_term(term, at.child(_REQUIRED, "nodeSelectorTerms").index(i))
    for i, term in enumerate(affinity.get(_PREFERRED) or ()):
        below = at.child(_PREFERRED).index(i).child("preference")
        warnings += warnings_for_node_selector_term(term.get("preference") or {}, below)
    return warnings


def _for_topology_spread(spec: Object, path: Path) -> list[str]:
    warnings = []
    for i, constraint in enumerate(spec.get("topologySpreadConstraints") or ()):
        key = constraint.get("topologyKey") or ""
        message = node_label_deprecation(key)
        if message:
            warnings.append(f"{path.index(i).child('topologyKey')}: {key} is {message}")
        if constraint.get("labelSelector") is None:
            warnings.append(f"{path.index(i).child('labelSelector')}: {_NULL_SELECTOR}")
    return warnings


def _for_pull_secrets(secrets: Sequence[Object], path: Path) -> list[str]:
    warnings = _for_duplicates(secrets, "name", path)
    for i, secret in enumerate(secrets):
        if not secret.get("name"):
            warnings.append(f'{path.index(i).child("name")}: invalid empty name ""')
    return warnings


def _for_duplicates(items: Iterable[Object], name: str, path: Path) -> list[str]:
    warnings = []
    seen: set[str] = set()
    for i, item in enumerate(items):
        value = item.get(name) or ""
        if value in seen:
            warnings.append(f"{path.index(i).child(name)}: duplicate {name} {go_quote(value)}")
        seen.add(value)
    return warnings


def fractional_bytes(text: str | None, path: Path) -> list[str]:
    """Memory and storage come in whole bytes."""
    if text is None or Quantity.parse(text).milli_value() % 1000 == 0:
        return []
    return [f"{path}: fractional byte value {go_quote(text)} is invalid, must be an integer"]


def _for_pod_affinity(affinity: Object, path: Path) -> list[str]:
    warnings = []
    for kind in ("podAffinity", "podAntiAffinity"):
        group = affinity.get(kind) or {}
        for i, term in enumerate(group.get(_REQUIRED) or ()):
            if term.get("labelSelector") is None:
                at = path.child(kind, _REQUIRED).index(i).child("labelSelector")
                warnings.append(f"{at}: {_NULL_SELECTOR}")
        for i, weighted in enumerate(group.get(_PREFERRED) or ()):
            if (weighted.get("podAffinityTerm") or {}).get("labelSelector") is None:
                at = path.child(kind, _PREFERRED).index(i).child("podAffinityTerm", "labelSelector")
                warnings.append(f"{at}: {_NULL_SELECTOR}")
    return warnings
