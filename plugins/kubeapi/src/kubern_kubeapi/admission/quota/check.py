"""One request against the quotas of its namespace (upstream: resourcequota/controller.go CheckRequest)."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import UPDATE
from kubern.apimachinery.errors import StatusError
from kubern_kubeapi.admission.podresources import quantities
from kubern_kubeapi.admission.quota.evaluators import Evaluator, Scope, parse_scopes, scopes_of
from kubern_kubeapi.admission.quota.usage import (
    Usage,
    exceeding,
    mask,
    minus,
    plus,
    show,
    show_names,
    without_zeros,
)

if TYPE_CHECKING:
    from kubern.admission.interface import Attributes

Object = dict[str, Any]


@dataclasses.dataclass(slots=True)
class Quota:
    """A quota while requests are charged to it; `used` grows."""

    name: str
    version: str
    hard: Usage
    used: Usage
    scopes: list[Scope]
    before: Usage

    @staticmethod
    def of(obj: Object) -> Quota:
        """The quota in its stored form."""
        status = obj.get("status") or {}
        used = quantities(status.get("used"))
        meta = obj["metadata"]
        hard = quantities(status.get("hard"))
        return Quota(meta["name"], meta.get("resourceVersion", ""), hard, used, scopes_of(obj.get("spec") or {}), used)

    @property
    def changed(self) -> bool:
        return self.used != self.before


class Limited(NamedTuple):
    """Resources that may not be used without a quota (the plugin's configuration)."""

    group: str
    resource: str
    contains: tuple[str, ...]
    scopes: tuple[Scope, ...]

    @staticmethod
    def of(document: Object) -> Limited:
        return Limited(
            document.get("apiGroup", ""),
            document.get("resource", ""),
            tuple(document.get("matchContains") or ()),
            tuple(parse_scopes(document.get("matchScopes") or ())),
        )


def charge(quotas: list[Quota], attributes: Attributes, evaluator: Evaluator, limited: list[Limited]) -> None:
    """Add what the request uses to the quotas that count it. Raises StatusError 403, 500; then nothing was added."""
    obj = attributes.object or {}
    relevant, covered, covered_scopes = _relevant(quotas, attributes, evaluator, obj)
    usage = evaluator.usage(obj)
    negative = [name for name, quantity in usage.items() if quantity.sign < 0]
    if negative:
        raise new_forbidden(attributes, f"quota usage is negative for resource(s): {show_names(negative)}")
    old = attributes.old_object
    if attributes.operation == UPDATE and old is not None and old["metadata"].get("resourceVersion"):
        growth = minus(usage, evaluator.usage(old))
        # A quota that did not count the object before is charged for all of it.
        deltas = [(q, growth if _counts(q, evaluator, old) else usage) for q in relevant]
    else:
        growth = usage
        deltas = [(q, usage) for q in relevant]
    deltas = [(quota, delta) for quota, found in deltas if (delta := without_zeros(found))]
    if not deltas and (relevant or not without_zeros(growth)):
        return
    if limited:
        _check_covered(attributes, evaluator, limited, usage, covered, covered_scopes)
    charged = [(quota, _charged(quota, attributes, delta)) for quota, delta in deltas]
    for quota, used in charged:
        quota.used = used


def _counts(quota: Quota, evaluator: Evaluator, obj: Object) -> bool:
    """Whether the quota limits something that the object uses, and its scopes take the object in."""
    return bool(evaluator.matching_resources(list(quota.hard))) and all(
        evaluator.matches_scope(scope, obj) for scope in quota.scopes
    )


def _relevant(
    quotas: list[Quota], attributes: Attributes, evaluator: Evaluator, obj: Object
) -> tuple[list[Quota], set[str], set[str]]:
    """The quotas that count the object, the resources they limit, and the names of scopes it is in."""
    relevant: list[Quota] = []
    covered: set[str] = set()
    covered_scopes: set[str] = set()
    for quota in quotas:
        in_scope = [scope for scope in quota.scopes if evaluator.matches_scope(scope, obj)]
        covered_scopes.update(scope.name for scope in in_scope)
        resources = evaluator.matching_resources(list(quota.hard))
        if not resources or len(in_scope) < len(quota.scopes):
            continue
        covered.update(resources)
        problem = evaluator.constraint_problem(resources, obj)
        if problem:
            raise new_forbidden(attributes, f"failed quota: {quota.name}: {problem}")
        if any(name not in quota.used for name in resources):
            text = f"status unknown for quota: {quota.name}, resources: {show_names(resources)}"
            raise new_forbidden(attributes, text)
        relevant.append(quota)
    return relevant, covered, covered_scopes


def _charged(quota: Quota, attributes: Attributes, delta: Usage) -> Usage:
    requested = mask(delta, quota.hard)
    used = plus(quota.used, requested)
    # What a status reports is counted, even if it is too much.
    exceeded = exceeding(mask(used, requested), quota.hard) if attributes.subresource != "status" else []
    if exceeded:
        asked, before, hard = (show(mask(u, exceeded)) for u in (requested, quota.used, quota.hard))
        text = f"exceeded quota: {quota.name}, requested: {asked}, used: {before}, limited: {hard}"
        raise new_forbidden(attributes, text)
    return used


def _check_covered(
    attributes: Attributes,
    evaluator: Evaluator,
    limited: list[Limited],
    usage: Usage,
    covered: set[str],
    covered_scopes: set[str],
) -> None:
    """What is limited by default must be covered by a quota."""
    mine = [entry for entry in limited if (entry.group, entry.resource) == (attributes.group, attributes.resource)]
    consumed = [name for name, quantity in usage.items() if quantity.sign > 0]
    names = {name for entry in mine for name in consumed if any(part in name for part in entry.contains)}
    uncovered = names - covered
    if uncovered:
        raise new_forbidden(attributes, f"insufficient quota to consume: {show_names(uncovered)}")
    scopes = [s for entry in limited for s in entry.scopes if evaluator.matches_scope(s, attributes.object or {})]
    uncovered_scopes = [scope for scope in scopes if scope.name not in covered_scopes]
    if uncovered_scopes:
        shown = " ".join(map(str, uncovered_scopes))
        # Upstream does not make an error of the API of this one.
        raise StatusError(500, "", f"insufficient quota to match these scopes: [{shown}]")
