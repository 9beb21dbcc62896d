"""One validating policy, compiled: its validations, messages and audit annotations.

Upstream: policy/validating/validator.go. Next: `kubern_kubeapi/admission/dynamic/cel.py`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from kubern.cel.kubernetes import RUNTIME_COST_BUDGET
from kubern_kubeapi.admission.dynamic.cel import Authorization, Expression, Expressions, Outcome, OutOfBudget
from kubern_kubeapi.admission.dynamic.conditions import MatchConditions

if TYPE_CHECKING:
    from kubern_kubeapi.admission.dynamic.versions import VersionedAttributes

Object = dict[str, Any]
ADMIT, DENY = "admit", "deny"
MAX_MESSAGE_BYTES = 5 * 1024


@dataclasses.dataclass(slots=True)
class Decision:
    """What one validation says."""

    action: str
    message: str = ""
    reason: str = ""


@dataclasses.dataclass(slots=True)
class Verdict:
    """What a policy says: a decision per validation, values of audit annotations, and errors of these."""

    decisions: list[Decision] = dataclasses.field(default_factory=list)
    annotations: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    annotation_errors: list[str] = dataclasses.field(default_factory=list)


class Validator:
    """Evaluates a policy for objects and parameters."""

    def __init__(self, policy: Object) -> None:
        spec = policy.get("spec") or {}
        has_params = spec.get("paramKind") is not None
        self._has_params = has_params
        self._fails = spec.get("failurePolicy") != "Ignore"
        conditions = spec.get("matchConditions") or []
        failure_policy = spec.get("failurePolicy") or "Fail"
        self._conditions = MatchConditions(conditions, failure_policy, has_params=has_params) if conditions else None
        self._expressions = Expressions(spec.get("variables") or (), has_params=has_params)
        self._validations: list[Object] = spec.get("validations") or []
        self._checks = [Expression(v.get("expression", "")) for v in self._validations]
        self._messages = [
            Expression(v["messageExpression"]) if v.get("messageExpression") else None for v in self._validations
        ]
        self._annotations: list[Object] = spec.get("auditAnnotations") or []
        self._values = [Expression(a.get("valueExpression", "")) for a in self._annotations]

    async def validate(
        self,
        versioned: VersionedAttributes,
        request: Object,
        params: Object | None,
        namespace: Object | None,
        authorization: Authorization,
    ) -> Verdict:
        """What the policy says of the object; an empty verdict when its conditions do not hold."""
        if self._conditions is not None:
            matched = await self._conditions.match(versioned, authorization, params)
            if matched.error:
                return Verdict([self._failed(matched.error)])
            if not matched.matches:
                return Verdict()
        bindings = {
            "object": versioned.object,
            "oldObject": versioned.old_object,
            "request": request,
            "namespaceObject": namespace,
            **authorization.bindings,
        }
        if self._has_params:
            bindings["params"] = params
        try:
            outcomes, budget = await self._expressions.run(self._checks, bindings, authorization)
            verdict = Verdict()
            messages, message_budget_error = await self._run_messages(outcomes, bindings, authorization, budget)
            for i, outcome in enumerate(outcomes):
                verdict.decisions.append(self._decide(i, outcome, messages[i], message_budget_error))
            if self._values:
                await self._annotate(verdict, bindings, authorization)
        except OutOfBudget as error:
            return Verdict([self._failed(str(error))])
        return verdict

    async def _run_messages(
        self, outcomes: list[Outcome], bindings: Object, authorization: Authorization, budget: int
    ) -> tuple[list[Outcome], str]:
        """Messages of validations that said no; they see no authorizer."""
        wanted = [m if o.value is False else None for m, o in zip(self._messages, outcomes, strict=True)]
        nothing = [Outcome()] * len(outcomes)
        if not any(wanted):
            return nothing, ""
        try:
            found, _ = await self._expressions.run(wanted, _without_authorizer(bindings), authorization, budget)
        except OutOfBudget as error:
            return nothing, str(error)
        return found, ""

    def _decide(self, i: int, outcome: Outcome, message: Outcome, budget_error: str) -> Decision:
        if outcome.error:
            return self._failed(outcome.error)
        if outcome.value is True:
            return Decision(ADMIT)
        if budget_error and self._messages[i] is not None:
            return self._failed(f"failed messageExpression: {budget_error}")
        validation = self._validations[i]
        text = _usable_message(message)
        text = text or validation.get("message", "").strip()
        text = text or f"failed expression: {validation.get('expression', '').strip()}"
        return Decision(DENY, text, validation.get("reason") or "Invalid")

    def _failed(self, message: str) -> Decision:
        return Decision(DENY if self._fails else ADMIT, message)

    async def _annotate(self, verdict: Verdict, bindings: Object, authorization: Authorization) -> None:
        # Upstream compiles them with the authorizer and runs them without.
        seen = _without_authorizer(bindings)
        values, _ = await self._expressions.run(self._values, seen, authorization, RUNTIME_COST_BUDGET)
        for annotation, outcome in zip(self._annotations, values, strict=True):
            if outcome.error:
                if self._fails:
                    verdict.annotation_errors.append(outcome.error)
            elif isinstance(outcome.value, str) and outcome.value.strip():
                verdict.annotations.append((annotation.get("key", ""), outcome.value.strip()))


def _without_authorizer(bindings: Object) -> Object:
    return {name: value for name, value in bindings.items() if not name.startswith("authorizer")}


def _usable_message(outcome: Outcome) -> str:
    """The text that a messageExpression gave, "" when it cannot be shown."""
    if outcome.error or not isinstance(outcome.value, str):
        return ""
    text = outcome.value.strip()
    return "" if len(text.encode()) > MAX_MESSAGE_BYTES or "\n" in text else text
