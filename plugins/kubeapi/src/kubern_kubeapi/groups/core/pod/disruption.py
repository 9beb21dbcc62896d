"""Disruption budgets as evictions ask them (upstream: checkAndDecrement, pkg/apis/policy helpers). Next: `eviction.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery.errors import GroupResource, StatusError, forbidden, too_many_requests
from kubern.apimachinery.field import Path
from kubern.apimachinery.validation.selector import selector_matches, validate_label_selector
from kubern.registry.before import now_text

Object = dict[str, Any]
_BUDGET = GroupResource("policy", "poddisruptionbudget")
_FORBIDDEN = "Cannot evict pod as it would violate the pod's disruption budget."
_RETRY_SECONDS = 10
_MAX_DISRUPTED_PODS = 2000
_ROOT = Path("spec")


def budgets_of(budgets: list[Object], pod: Mapping[str, Any]) -> list[Object]:
    """The budgets that count a pod; those with a broken selector count none."""
    labels = pod["metadata"].get("labels") or {}
    if not labels:
        return []
    found = []
    for budget in budgets:
        selector = (budget.get("spec") or {}).get("selector")
        if selector is not None and not validate_label_selector(selector, _ROOT) and selector_matches(selector, labels):
            found.append(budget)
    return found


def unhealthy_pod_may_go(budget: Mapping[str, Any]) -> bool:
    """Whether a pod that is not ready does not count against the budget."""
    status = budget.get("status") or {}
    if (budget.get("spec") or {}).get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    desired = status.get("desiredHealthy") or 0
    return desired > 0 and (status.get("currentHealthy") or 0) >= desired


def _too_many(retry_after: int, cause: str) -> StatusError:
    error = too_many_requests(_FORBIDDEN, retry_after)
    error.details = {**(error.details or {}), "causes": [{"reason": "DisruptionBudget", "message": cause}]}
    return error


def still_processed(name: str) -> StatusError:
    """The budget's controller has not looked yet."""
    return _too_many(_RETRY_SECONDS, f"The disruption budget {name} is still being processed by the server.")


def check_and_decrement(budget: Object, pod_name: str) -> None:
    """Take one disruption from the budget, in place. Raises StatusError 403, 429."""
    meta, status = budget["metadata"], budget.setdefault("status", {})
    name = meta["name"]
    if (status.get("observedGeneration") or 0) < (meta.get("generation") or 0):
        raise still_processed(name)
    allowed = status.get("disruptionsAllowed") or 0
    if allowed < 0:
        raise forbidden(_BUDGET, name, "pdb disruptions allowed is negative")
    disrupted = dict(status.get("disruptedPods") or {})
    if len(disrupted) > _MAX_DISRUPTED_PODS:
        detail = "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
        raise forbidden(_BUDGET, name, detail)
    if allowed == 0:
        desired, current = status.get("desiredHealthy") or 0, status.get("currentHealthy") or 0
        raise _too_many(0, f"The disruption budget {name} needs {desired} healthy pods and has {current} currently")
    status["disruptionsAllowed"] = allowed - 1
    if allowed == 1:
        _say_that_none_is_left(status)
    disrupted[pod_name] = now_text()
    status["disruptedPods"] = disrupted


def _say_that_none_is_left(status: Object) -> None:
    """The condition DisruptionAllowed becomes False."""
    conditions = status["conditions"] = list(status.get("conditions") or ())
    new = {
        "type": "DisruptionAllowed",
        "status": "False",
        "observedGeneration": status.get("observedGeneration") or 0,
        "lastTransitionTime": now_text(),
        "reason": "InsufficientPods",
        "message": "",
    }
    for i, old in enumerate(conditions):
        if old.get("type") == "DisruptionAllowed":
            if old.get("status") == "False":
                new["lastTransitionTime"] = old.get("lastTransitionTime")
            conditions[i] = new
            return
    conditions.append(new)
