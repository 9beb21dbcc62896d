"""CEL match conditions: all must be true (upstream: admission/plugin/webhook/matchconditions)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kubern_kubeapi.admission.aggregate import aggregate
from kubern_kubeapi.admission.dynamic.request import admission_request
from kubern_kubeapi.admission.dynamic.rules import resource_of

if TYPE_CHECKING:
    from kubern_kubeapi.admission.dynamic.cel import Authorization
    from kubern_kubeapi.admission.dynamic.versions import VersionedAttributes

Object = dict[str, Any]


class MatchResult(NamedTuple):
    """Whether all conditions hold, or why that is not known."""

    matches: bool
    error: str = ""


class MatchConditions:
    """The conditions of one webhook or policy, compiled when first asked."""

    def __init__(self, conditions: list[Object], failure_policy: str, *, has_params: bool = False) -> None:
        from kubern_kubeapi.admission.dynamic.cel import Expression, Expressions

        self._fails = failure_policy != "Ignore"
        self._has_params = has_params
        self._expressions = Expressions(has_params=has_params)
        self._conditions = [Expression(c.get("expression", "").strip()) for c in conditions]

    async def match(
        self, versioned: VersionedAttributes, authorization: Authorization, params: Object | None = None
    ) -> MatchResult:
        """The answer; an error counts as "no" when failures are ignored, unless a condition is false anyway."""
        from kubern.cel.kubernetes import RUNTIME_COST_BUDGET_MATCH_CONDITIONS
        from kubern_kubeapi.admission.dynamic.cel import OutOfBudget

        attributes = versioned.attributes
        bindings = {
            "object": versioned.object,
            "oldObject": versioned.old_object,
            "request": admission_request(attributes, resource_of(attributes), versioned.kind),
            "namespaceObject": None,
            **authorization.bindings,
        }
        if self._has_params:
            bindings["params"] = params
        try:
            outcomes, _ = await self._expressions.run(
                self._conditions, bindings, authorization, RUNTIME_COST_BUDGET_MATCH_CONDITIONS
            )
        except OutOfBudget as error:
            return self._failed(str(error))
        if any(not o.error and o.value is False for o in outcomes):
            return MatchResult(False)
        errors = [o.error for o in outcomes if o.error]
        return self._failed(aggregate(errors)) if errors else MatchResult(True)

    def _failed(self, error: str) -> MatchResult:
        return MatchResult(False, error if self._fails else "")
