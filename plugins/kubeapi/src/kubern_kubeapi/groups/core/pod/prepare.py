"""What the server itself writes into a new pod: conditions, merged label selectors, AppArmor fields.

Upstream: applySchedulingGatedCondition, mutatePodAffinity, mutateTopologySpreadConstraints and
applyAppArmorVersionSkew in pkg/registry/core/pod/strategy.go. Next: `strategy.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kubern.apimachinery.field import Path
from kubern.registry.before import now_text
from kubern_kubeapi.groups.core.pod.validation.annotations import APP_ARMOR_PREFIX, has_app_armor
from kubern_kubeapi.groups.core.pod.validation.security import validate_app_armor_profile
from kubern_kubeapi.groups.core.pod.validation.windows import visit_containers

Object = dict[str, Any]
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def apply_scheduling_gated_condition(pod: Object) -> None:
    """A pod with scheduling gates says why it is not scheduled."""
    if pod["spec"].get("schedulingGates"):
        pod["status"]["conditions"] = [
            {
                "type": "PodScheduled",
                "status": "False",
                "lastProbeTime": None,
                "lastTransitionTime": now_text(),
                "reason": "SchedulingGated",
                "message": "Scheduling is blocked due to non-empty scheduling gates",
            }
        ]


def preserve_observed_generation(status: Object, old: Object) -> None:
    """A status or condition that leaves observedGeneration out keeps the one it had."""
    if not status.get("observedGeneration") and old.get("observedGeneration"):
        status["observedGeneration"] = old["observedGeneration"]
    known: dict[str, list[int]] = {}
    for condition in old.get("conditions") or ():
        known.setdefault(condition.get("type") or "", []).append(condition.get("observedGeneration") or 0)
    for condition in status.get("conditions") or ():
        generations = known.get(condition.get("type") or "")
        before = generations.pop(0) if generations else 0
        if before and not condition.get("observedGeneration"):
            condition["observedGeneration"] = before


def merge_label_keys(pod: Object) -> None:
    """matchLabelKeys and mismatchLabelKeys become requirements with the pod's own label values."""
    labels = pod["metadata"].get("labels") or {}
    for term in _affinity_terms(pod["spec"].get("affinity") or {}):
        _merge(term, "matchLabelKeys", "In", labels)
        _merge(term, "mismatchLabelKeys", "NotIn", labels)
    for constraint in pod["spec"].get("topologySpreadConstraints") or ():
        _merge(constraint, "matchLabelKeys", "In", labels)


def _affinity_terms(affinity: Object) -> Iterator[Object]:
    for name in ("podAffinity", "podAntiAffinity"):
        group = affinity.get(name) or {}
        yield from group.get(_REQUIRED) or ()
        for weighted in group.get(_PREFERRED) or ():
            if weighted.get("podAffinityTerm"):
                yield weighted["podAffinityTerm"]


def _merge(holder: Object, keys: str, operator: str, labels: Mapping[str, str]) -> None:
    selector = holder.get("labelSelector")
    if selector is None:
        return
    found = [{"key": k, "operator": operator, "values": [labels[k]]} for k in holder.get(keys) or () if k in labels]
    if found:
        selector["matchExpressions"] = [*(selector.get("matchExpressions") or ()), *found]


def sync_app_armor(pod: Object) -> list[str]:
    """Bring AppArmor annotations and fields together; gives warnings for annotations without a field."""
    spec, meta = pod["spec"], pod["metadata"]
    of_pod = (spec.get("securityContext") or {}).get("appArmorProfile")
    if (spec.get("os") or {}).get("name") == "windows" or not _has_app_armor(meta, spec, of_pod):
        return []
    warnings: list[str] = []
    for container, _ in visit_containers(spec, Path("spec")):
        key = APP_ARMOR_PREFIX + (container.get("name") or "")
        profile = (container.get("securityContext") or {}).get("appArmorProfile")
        annotation = (meta.get("annotations") or {}).get(key)
        if annotation is None:
            text = _annotation_of(profile if profile is not None else of_pod)
            if text:
                meta["annotations"] = {**(meta.get("annotations") or {}), key: text}
        elif profile is None and _copy_annotation(container, annotation, of_pod):
            path = Path("metadata", "annotations").key(key)
            warnings.append(f'{path}: deprecated since v1.30; use the "appArmorProfile" field instead')
    return warnings


def _has_app_armor(meta: Object, spec: Object, of_pod: Object | None) -> bool:
    if of_pod is not None or has_app_armor(meta.get("annotations") or ()):
        return True
    return any("appArmorProfile" in (c.get("securityContext") or ()) for c, _ in visit_containers(spec, Path("spec")))


def _annotation_of(profile: Mapping[str, Any] | None) -> str:
    """The annotation that says the same as a field, "" for none."""
    kind = (profile or {}).get("type")
    if kind == "Unconfined":
        return "unconfined"
    if kind == "RuntimeDefault":
        return "runtime/default"
    local = (profile or {}).get("localhostProfile")
    return f"localhost/{local}" if kind == "Localhost" and local is not None else ""


def _field_of(annotation: str) -> Object | None:
    if annotation == "unconfined":
        return {"type": "Unconfined"}
    if annotation == "runtime/default":
        return {"type": "RuntimeDefault"}
    if annotation.startswith("localhost/"):
        return {"type": "Localhost", "localhostProfile": annotation.removeprefix("localhost/")}
    return None


def _copy_annotation(container: Any, annotation: str, of_pod: Object | None) -> bool:
    """Whether the annotation deserves a warning: it says something that no field says yet."""
    profile = _field_of(annotation)
    if profile is None or validate_app_armor_profile(profile, Path("")):
        return True
    if profile == of_pod:
        return False
    container["securityContext"] = {**(container.get("securityContext") or {}), "appArmorProfile": profile}
    return True
