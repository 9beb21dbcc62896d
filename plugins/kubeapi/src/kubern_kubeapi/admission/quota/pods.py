"""What pods use: compute resources, as requests and as limits (upstream: evaluator/core/pods.go)."""

from __future__ import annotations

import datetime
from typing import Any

from kubern.admission.interface import CREATE, UPDATE
from kubern.apimachinery.quantity import Quantity
from kubern_kubeapi.admission.podresources import POD_LEVEL_PREFIX, POD_LEVEL_RESOURCES, pod_totals, quantities
from kubern_kubeapi.admission.pods import containers
from kubern_kubeapi.admission.quota.evaluators import ObjectCount, Scope, matches_values
from kubern_kubeapi.admission.quota.usage import ONE, Usage
from kubern_kubeapi.groups.core.pod.qos import get_pod_qos
from kubern_kubeapi.groups.core.resource_lists import is_extended_resource

Object = dict[str, Any]
PODS, REQUESTS, LIMITS, HUGE_PAGES = "pods", "requests.", "limits.", "hugepages-"
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_NAMES = frozenset({PODS, *_COMPUTE, *(REQUESTS + n for n in _COMPUTE), *(LIMITS + n for n in _COMPUTE)})
_MUST_BE_STATED = frozenset({"cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"})
"""Limits on these make every container state them; those that came later do not."""


class Pods(ObjectCount):
    """Measures pods."""

    def __init__(self) -> None:
        super().__init__("", PODS)

    def handles(self, operation: str, subresource: str) -> bool:
        return operation == (UPDATE if subresource == "resize" else CREATE) and subresource in ("", "resize")

    def matching_resources(self, names: list[str]) -> list[str]:
        return [name for name in names if name == self.count or name in _NAMES or _is_special(name)]

    def matches_scope(self, scope: Scope, obj: Object) -> bool:
        spec = obj.get("spec") or {}
        terminating = spec.get("activeDeadlineSeconds") is not None and spec["activeDeadlineSeconds"] >= 0
        match scope.name:
            case "Terminating":
                return terminating
            case "NotTerminating":
                return not terminating
            case "BestEffort":
                return get_pod_qos(obj) == "BestEffort"
            case "NotBestEffort":
                return get_pod_qos(obj) != "BestEffort"
            case "PriorityClass":
                name = spec.get("priorityClassName", "")
                return matches_values(scope, [name] if name else [])
            case "CrossNamespacePodAffinity":
                return _reaches_other_namespaces(spec.get("affinity") or {})
        return False

    def constraint_problem(self, required: list[str], obj: Object) -> str:
        must = _MUST_BE_STATED & set(required)
        if not must:
            return ""
        if _states_pod_level(obj.get("spec") or {}):
            return ""
        missing: dict[str, set[str]] = {}
        for container in containers(obj, ("containers", "initContainers")):
            for name in must - set(_compute_usage(*_stated(container))):
                missing.setdefault(name, set()).add(container.get("name", ""))
        if not missing:
            return ""
        return "must specify " + "; ".join(f"{n} for: {','.join(sorted(missing[n]))}" for n in sorted(missing))

    def usage(self, obj: Object) -> Usage:
        result = {self.count: ONE}
        if _is_over(obj):
            return result
        requests, limits = pod_totals(obj, "requests", overhead=True), pod_totals(obj, "limits", overhead=True)
        return {**result, PODS: ONE, **_compute_usage(requests, limits)}


def _stated(holder: Object) -> tuple[Usage, Usage]:
    resources = holder.get("resources") or {}
    return quantities(resources.get("requests")), quantities(resources.get("limits"))


def _states_pod_level(spec: Object) -> bool:
    """Whether the pod itself states resources; its containers then need not (upstream: IsPodLevelResourcesSet)."""
    return any(n in POD_LEVEL_RESOURCES or n.startswith(POD_LEVEL_PREFIX) for stated in _stated(spec) for n in stated)


def _compute_usage(requests: dict[str, Quantity], limits: dict[str, Quantity]) -> Usage:
    """Resources under the names that quotas have for them."""
    result: Usage = {}
    for name in _COMPUTE:
        if name in requests:
            result[name] = result[REQUESTS + name] = requests[name]
        if name in limits:
            result[LIMITS + name] = limits[name]
    for name, quantity in requests.items():
        if name.startswith(HUGE_PAGES):
            result[name] = result[REQUESTS + name] = quantity
        elif is_extended_resource(name):
            result[REQUESTS + name] = quantity
    return result


def _is_special(name: str) -> bool:
    """Huge pages, and the requests of extended resources."""
    bare = name.removeprefix(REQUESTS)
    return bare.startswith(HUGE_PAGES) or (bare != name and is_extended_resource(bare))


def _is_over(pod: Object) -> bool:
    """Whether the pod has ended, or should have (upstream: QuotaV1Pod)."""
    if (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
        return True
    meta = pod["metadata"]
    deleted, grace = meta.get("deletionTimestamp"), meta.get("deletionGracePeriodSeconds")
    if not deleted or grace is None:
        return False
    end = datetime.datetime.fromisoformat(deleted) + datetime.timedelta(seconds=grace)
    return datetime.datetime.now(datetime.UTC) > end


def _reaches_other_namespaces(affinity: Object) -> bool:
    for field in ("podAffinity", "podAntiAffinity"):
        rules = affinity.get(field) or {}
        terms = [*(rules.get("requiredDuringSchedulingIgnoredDuringExecution") or ())]
        preferred = rules.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        terms += [t.get("podAffinityTerm") or {} for t in preferred]
        if any(t.get("namespaces") or t.get("namespaceSelector") is not None for t in terms):
            return True
    return False
