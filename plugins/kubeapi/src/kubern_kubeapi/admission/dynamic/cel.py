"""Running the expressions of webhooks and policies (upstream: admission/plugin/cel).

An `Expressions` is a group that shares a budget; variables of a policy are evaluated once per group, when used.
Next: `kubern/admission/expressions.py` for what they see, `kubern/cel/composition.py`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

from kubern.admission.expressions import Declarations, environment
from kubern.cel.composition import Composition
from kubern.cel.errors import CelFailure, CompileErrors
from kubern.cel.kubernetes import PER_CALL_LIMIT, RUNTIME_COST_BUDGET
from kubern.cel.library.authorizer import AuthorizerValue, CheckAttributes, Decision, resource_check
from kubern.cel.library.authorizer_answers import Answers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kubern.admission.interface import Attributes
    from kubern.authorization.interface import Authorizer
    from kubern.cel.program import Program

Object = dict[str, Any]
OUT_OF_BUDGET = "validation failed due to running out of cost budget, no further validation rules will be run"
_NAMESPACE_META = (
    "name", "generateName", "namespace", "labels", "annotations", "creationTimestamp", "deletionGracePeriodSeconds",
    "deletionTimestamp", "generation", "resourceVersion", "finalizers",
)  # fmt: skip


class OutOfBudget(Exception):
    """The group of expressions has used up its budget."""

    def __init__(self) -> None:
        super().__init__(OUT_OF_BUDGET)


class Outcome(NamedTuple):
    """What an expression gave: a value, or an error's text."""

    value: Any = None
    error: str = ""


class Authorization:
    """The answers to authorization questions within one request, whoever asks."""

    def __init__(self, authorizer: Authorizer, attributes: Attributes) -> None:
        self._authorizer = authorizer
        self.answers = Answers(self._ask)
        user = attributes.user
        self.bindings = {
            "authorizer": AuthorizerValue(user, self.answers.check),
            "authorizer.requestResource": resource_check(
                user,
                self.answers.check,
                group=attributes.group,
                resource=attributes.resource,
                subresource=attributes.subresource,
                namespace=attributes.namespace,
                name=attributes.name,
            ),
        }

    async def _ask(self, asked: CheckAttributes) -> Decision:
        from kubern.authorization.interface import Attributes as Question
        from kubern.authorization.interface import Decision as Answer
        from kubern.request import User

        user = asked.user
        if not isinstance(user, User):
            user = User(user.username, groups=tuple(user.groups))
        question = Question(
            user,
            asked.verb,
            path=asked.path,
            resource_request=asked.is_resource_request,
            api_group=asked.group,
            api_version="*" if asked.is_resource_request else "",
            namespace=asked.namespace,
            resource=asked.resource,
            subresource=asked.subresource,
            name=asked.name,
        )
        decision, reason = await self._authorizer.authorize(question)
        return Decision(decision is Answer.ALLOW, reason)


@dataclasses.dataclass(slots=True)
class Expression:
    """An expression, compiled when it is first run; one that does not compile fails then."""

    text: str
    program: Program | None = None
    problem: str = ""


class Expressions:
    """A policy's or webhook's expressions, which see its variables."""

    def __init__(self, variables: Iterable[Object] = (), *, has_params: bool = False, has_patch_types: bool = False):
        declared = Declarations(has_params=has_params, has_authorizer=True, has_patch_types=has_patch_types)
        self._declared = declared
        self._variables = list(variables)
        self._composition: Composition | None = None

    def _compiled(self) -> Composition:
        if self._composition is None:
            self._composition = Composition(environment(self._declared))
            for variable in self._variables:
                try:
                    self._composition.add(variable.get("name", ""), variable.get("expression", ""))
                except CompileErrors:
                    continue  # it fails where it is used
        return self._composition

    async def run(
        self,
        expressions: Iterable[Expression | None],
        bindings: Mapping[str, Any],
        authorization: Authorization,
        budget: int = RUNTIME_COST_BUDGET,
    ) -> tuple[list[Outcome], int]:
        """The outcome of each expression (of None: nothing) and what is left of the budget. Raises OutOfBudget."""
        composition = self._compiled()
        bound = dict(bindings)
        variables = composition.variables(bound, PER_CALL_LIMIT)
        bound["variables"] = variables
        outcomes: list[Outcome] = []
        spent_on_variables = 0
        for expression in expressions:
            if expression is None:
                outcomes.append(Outcome())
                continue
            outcome, cost = await self._run_one(composition, expression, bound, authorization)
            budget -= cost + variables.cost - spent_on_variables
            spent_on_variables = variables.cost
            if budget < 0:
                raise OutOfBudget
            outcomes.append(outcome)
        return outcomes, budget

    async def _run_one(
        self, composition: Composition, expression: Expression, bound: Mapping[str, Any], authorization: Authorization
    ) -> tuple[Outcome, int]:
        program = expression.program
        if program is None:
            if not expression.problem:
                try:
                    program = expression.program = composition.env.compile(expression.text)
                except CompileErrors as error:
                    expression.problem = f"compilation error: compilation failed: {error}"
            if program is None:
                return Outcome(error=expression.problem), 0
        try:
            result = await authorization.answers.evaluate(program, bound, PER_CALL_LIMIT)
        except CelFailure as error:
            text = f"expression '{expression.text}' resulted in error: {error}"
            return Outcome(error=text), getattr(error, "cost", 0)
        return Outcome(result.value), result.cost


def namespace_object(namespace: Object | None) -> Object | None:
    """What expressions see of the request's namespace (upstream: CreateNamespaceObject)."""
    if namespace is None:
        return None
    meta = namespace["metadata"]
    shown = {key: meta[key] for key in _NAMESPACE_META if key in meta}
    return {
        "metadata": {**shown, "UID": meta.get("uid", "")},
        **{k: namespace.get(k) or {} for k in ("spec", "status")},
    }
