"""One mutating policy, compiled: its conditions and mutations (upstream: policy/mutating/compilation.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern_kubeapi.admission.dynamic.cel import Authorization, Expression, Expressions, OutOfBudget
from kubern_kubeapi.admission.dynamic.conditions import MatchConditions, MatchResult
from kubern_kubeapi.admission.policies.patchers import MutationProblem, apply_configuration, apply_json_patch

if TYPE_CHECKING:
    from kubern_kubeapi.admission.dynamic.versions import VersionedAttributes

Object = dict[str, Any]
_YES = MatchResult(True)


class Mutator:
    """Changes objects as a policy says."""

    def __init__(self, policy: Object) -> None:
        spec = policy.get("spec") or {}
        self._has_params = spec.get("paramKind") is not None
        conditions = spec.get("matchConditions") or []
        failure_policy = spec.get("failurePolicy") or "Fail"
        self._conditions = (
            MatchConditions(conditions, failure_policy, has_params=self._has_params) if conditions else None
        )
        self._expressions = Expressions(spec.get("variables") or (), has_params=self._has_params, has_patch_types=True)
        self._mutations: list[tuple[str, Expression]] = []
        for mutation in spec.get("mutations") or ():
            kind = mutation.get("patchType", "")
            body = mutation.get("jsonPatch" if kind == "JSONPatch" else "applyConfiguration") or {}
            self._mutations.append((kind, Expression(body.get("expression", "").strip())))

    async def matches(
        self, versioned: VersionedAttributes, params: Object | None, authorization: Authorization
    ) -> MatchResult:
        """Whether the policy's conditions hold."""
        if self._conditions is None:
            return _YES
        return await self._conditions.match(versioned, authorization, params)

    async def mutate(
        self,
        versioned: VersionedAttributes,
        request: Object,
        params: Object | None,
        namespace: Object | None,
        authorization: Authorization,
    ) -> list[str]:
        """Make the mutations in order, each seeing those before it; what went wrong with some of them.

        Raises StatusError 500 when an object comes out that its kind cannot hold.
        """
        problems: list[str] = []
        for kind, expression in self._mutations:
            if versioned.object is None:
                break
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
                outcomes, _ = await self._expressions.run([expression], bindings, authorization)
                if outcomes[0].error:
                    raise MutationProblem(outcomes[0].error)
                self._patch(versioned, kind, outcomes[0].value)
            except (MutationProblem, OutOfBudget) as error:
                problems.append(str(error))
        return problems

    @staticmethod
    def _patch(versioned: VersionedAttributes, kind: str, value: Any) -> None:
        from kubern.util.json_copy import json_copy

        before = versioned.object
        assert before is not None
        is_patch = kind == "JSONPatch"
        after = apply_json_patch(before, value) if is_patch else apply_configuration(versioned, value)
        if after is not before:
            versioned.replace_object(json_copy(after), strict=is_patch)
