"""The LimitRanger plugin: defaults and bounds for the resources of pods and claims.

Upstream: plugin/pkg/admission/limitranger. Next: `podresources.py` for a pod's sums.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import UPDATE, Attributes, Handler
from kubern.apimachinery.quantity import Quantity
from kubern_kubeapi.admission.aggregate import aggregate
from kubern_kubeapi.admission.lister import Lister
from kubern_kubeapi.admission.podresources import Quantities, pod_totals, quantities

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

Object = dict[str, Any]
ANNOTATION = "kubernetes.io/limit-ranger"
_MAX_MILLI_VALUE = (1 << 63) // 1000 - 1
_ZERO = Quantity(0)


class LimitRanger(Handler):
    """Applies every LimitRange of the namespace."""

    resources = frozenset({("", "pods"), ("", "persistentvolumeclaims")})

    def __init__(self, config: CompletedConfig) -> None:
        self._limit_ranges = Lister(config, "", "limitranges")

    async def admit(self, attributes: Attributes) -> None:
        pod = attributes.object
        if pod is None or attributes.resource != "pods" or not _supports(attributes):
            return
        for limit_range in await self._limit_ranges.objects(attributes.namespace):
            set_defaults(limit_range, pod)

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        obj = attributes.object
        if obj is None or not _supports(attributes):
            return
        check = _pod_problems if attributes.resource == "pods" else _claim_problems
        for limit_range in await self._limit_ranges.objects(attributes.namespace):
            problems = [p for limit in limit_range["spec"].get("limits") or () for p in check(limit, obj) if p]
            if problems:
                raise new_forbidden(attributes, aggregate(problems))


def _supports(attributes: Attributes) -> bool:
    old = attributes.old_object
    if old is not None and old["metadata"].get("deletionTimestamp"):
        return False
    if attributes.resource == "pods" and attributes.operation == UPDATE:
        # Containers' resources change through this subresource only.
        return attributes.subresource == "resize"
    return not attributes.subresource


# ---------------------------------------------------------------- defaults


def set_defaults(limit_range: Object, pod: Object) -> None:
    """Give containers the requests and limits they lack, and say so in an annotation."""
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}
    for limit in limit_range["spec"].get("limits") or ():
        if limit.get("type") == "Container":
            requests.update(limit.get("defaultRequest") or {})
            limits.update(limit.get("default") or {})
    if not requests and not limits:
        return
    notes: list[str] = []
    for field, word in (("containers", "container"), ("initContainers", "init container")):
        for container in pod["spec"].get(field) or ():
            notes += _merge(container, "requests", requests, f"request for {word}")
            notes += _merge(container, "limits", limits, f"limit for {word}")
    if notes:
        pod["metadata"].setdefault("annotations", {})[ANNOTATION] = "LimitRanger plugin set: " + "; ".join(notes)


def _merge(container: Object, field: str, defaults: dict[str, str], what: str) -> list[str]:
    resources = container.get("resources") or {}
    missing = sorted(name for name in defaults if name not in (resources.get(field) or {}))
    if not missing:
        return []
    resources[field] = {**(resources.get(field) or {}), **{name: defaults[name] for name in missing}}
    container["resources"] = resources
    return [f"{', '.join(missing)} {what} {container.get('name', '')}"]


# ---------------------------------------------------------------- bounds


def _claim_problems(limit: Object, claim: Object) -> Iterator[str]:
    kind = limit.get("type", "")
    if kind != "PersistentVolumeClaim":
        return
    requests = quantities((claim["spec"].get("resources") or {}).get("requests"))
    for name, bound in quantities(limit.get("min")).items():
        yield _min_problem(kind, name, bound, requests, {})
    for name, bound in quantities(limit.get("max")).items():
        yield _max_request_problem(kind, name, bound, requests)


def _pod_problems(limit: Object, pod: Object) -> Iterator[str]:
    kind = limit.get("type", "")
    if kind == "Container":
        for field in ("containers", "initContainers"):
            for container in pod["spec"].get(field) or ():
                resources = container.get("resources") or {}
                yield from _problems(
                    limit, kind, quantities(resources.get("requests")), quantities(resources.get("limits"))
                )
    elif kind == "Pod":
        yield from _problems(limit, kind, pod_totals(pod, "requests"), pod_totals(pod, "limits"))


def _problems(limit: Object, kind: str, requests: Quantities, limits: Quantities) -> Iterator[str]:
    for name, bound in sorted(quantities(limit.get("min")).items()):
        yield _min_problem(kind, name, bound, requests, limits)
    for name, bound in sorted(quantities(limit.get("max")).items()):
        yield _max_problem(kind, name, bound, requests, limits)
    for name, bound in sorted(quantities(limit.get("maxLimitRequestRatio")).items()):
        yield _ratio_problem(kind, name, bound, requests, limits)


def _comparable(*values: Quantity) -> tuple[int, ...]:
    """Numbers to compare: thousandths where all fit, else whole ones, as upstream rounds."""
    whole = tuple(v.value() for v in values)
    return tuple(v.milli_value() for v in values) if all(v <= _MAX_MILLI_VALUE for v in whole) else whole


def _min_problem(kind: str, name: str, bound: Quantity, requests: Quantities, limits: Quantities) -> str:
    request, limit = requests.get(name), limits.get(name)
    start = f"minimum {name} usage per {kind} is {bound}"
    if request is None:
        return f"{start}.  No request is specified"
    observed, observed_limit, enforced = _comparable(request, limit or _ZERO, bound)
    if observed < enforced:
        return f"{start}, but request is {request}"
    return f"{start}, but limit is {limit}" if limit is not None and observed_limit < enforced else ""


def _max_problem(kind: str, name: str, bound: Quantity, requests: Quantities, limits: Quantities) -> str:
    request, limit = requests.get(name), limits.get(name)
    start = f"maximum {name} usage per {kind} is {bound}"
    if limit is None:
        return f"{start}.  No limit is specified"
    observed, observed_limit, enforced = _comparable(request or _ZERO, limit, bound)
    if observed_limit > enforced:
        return f"{start}, but limit is {limit}"
    return f"{start}, but request is {request}" if request is not None and observed > enforced else ""


def _max_request_problem(kind: str, name: str, bound: Quantity, requests: Quantities) -> str:
    request = requests.get(name)
    start = f"maximum {name} usage per {kind} is {bound}"
    if request is None:
        return f"{start}.  No request is specified"
    observed, enforced = _comparable(request, bound)
    return f"{start}, but request is {request}" if observed > enforced else ""


def _ratio_problem(kind: str, name: str, bound: Quantity, requests: Quantities, limits: Quantities) -> str:
    request, limit = requests.get(name), limits.get(name)
    start = f"{name} max limit to request ratio per {kind} is {bound}"
    observed, observed_limit, _ = _comparable(request or _ZERO, limit or _ZERO, bound)
    if not observed:
        return f"{start}, but no request is specified or request is 0"
    if not observed_limit:
        return f"{start}, but no limit is specified or limit is 0"
    ratio = observed_limit / observed
    enforced = bound.value()
    in_milli = enforced <= _MAX_MILLI_VALUE
    if (ratio * 1000 if in_milli else ratio) > (bound.milli_value() if in_milli else enforced):
        return f"{start}, but provided ratio is {ratio:f}"
    return ""
