"""The MutatingAdmissionPolicy plugin (upstream: policy/mutating/dispatcher.go). Next: `mutator.py`.

Policies with reinvocationPolicy IfNeeded are asked again after others have changed the object.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import CREATE, UPDATE, Attributes, Handler
from kubern.util.goquote import go_quote
from kubern.util.json_copy import json_copy
from kubern_kubeapi.admission.dynamic.request import admission_request
from kubern_kubeapi.admission.dynamic.versions import VersionedAttributes, kind_for
from kubern_kubeapi.admission.policies.invocation import Invocation, Invocations
from kubern_kubeapi.admission.policies.source import PolicySource

if TYPE_CHECKING:
    from kubern.apimachinery.errors import StatusError
    from kubern.config import CompletedConfig
    from kubern_kubeapi.admission.dynamic.cel import Authorization
    from kubern_kubeapi.admission.policies.mutator import Mutator

Object = dict[str, Any]
NAME = "MutatingAdmissionPolicy"
_Key = tuple[str, str, int]


class _Problem(NamedTuple):
    """What a policy failed with; `reason` is "" where its configuration is at fault."""

    text: str
    reason: str = ""


@dataclasses.dataclass(slots=True)
class _Reinvocation:
    """Which invocations may be asked again, which must be, and the object as this plugin left it."""

    invoked: set[_Key] = dataclasses.field(default_factory=set)
    due: set[_Key] = dataclasses.field(default_factory=set)
    last: Object | None = None

    def require(self) -> None:
        """The object has changed: ask those again that want it."""
        self.due |= self.invoked
        self.invoked = set()


class MutatingAdmissionPolicy(Handler):
    """Lets every policy that is bound to the request change its object."""

    operations = (CREATE, UPDATE)

    def __init__(self, config: CompletedConfig) -> None:
        self._config = config
        self._invocations = Invocations(config)
        self._source: PolicySource[Mutator] = PolicySource(
            config, "mutatingadmissionpolicies", "mutatingadmissionpolicybindings", _make_mutator
        )

    async def admit(self, attributes: Attributes) -> None:
        """Raises StatusError 403 when a policy fails."""
        hooks = await self._source.hooks()
        if not hooks or attributes.object is None or not self._invocations.concerns(attributes):
            return
        run = _Run(self._config, self._invocations, attributes)
        found = [invocation async for invocation in self._invocations.find(hooks, attributes)]
        if found:
            await run.evaluate(found)
        if run.problems:
            raise _refusal(attributes, run.problems)


def _make_mutator(policy: Object) -> Mutator:
    from kubern_kubeapi.admission.policies.mutator import Mutator

    return Mutator(policy)


class _Run:
    """All policies on one request, once."""

    def __init__(self, config: CompletedConfig, invocations: Invocations, attributes: Attributes) -> None:
        self._config = config
        self._invocations = invocations
        self._attributes = attributes
        self._authorization: Authorization | None = None
        self.problems: list[_Problem] = []

    async def evaluate(self, found: list[Invocation]) -> None:
        """Change the object. Raises StatusError.

        All that can be asked are asked, even if the configuration of others keeps these from it: their problems come
        first.
        """
        for invocation in found:
            if invocation.problem:
                self._problem(invocation, invocation.problem)
        context = self._attributes.reinvocation
        state = context.values.setdefault(NAME, _Reinvocation())
        if context.is_reinvoke and state.last is not None and state.last != self._attributes.object:
            state.require()
        for invocation in found:
            for i, params in enumerate(invocation.params):
                await self._invoke(state, invocation, i, params)
        state.last = json_copy(self._attributes.object)

    async def _invoke(self, state: _Reinvocation, invocation: Invocation, i: int, params: Object | None) -> None:
        from kubern_kubeapi.admission.dynamic.cel import Authorization, namespace_object

        context = self._attributes.reinvocation
        assert invocation.binding is not None
        key = (invocation.hook.name, invocation.binding.name, i)
        if context.is_reinvoke and key not in state.due:
            return
        if self._authorization is None:
            self._authorization = Authorization(self._config.authorizer, self._attributes)
        kind = kind_for(self._attributes, invocation.resource)
        versioned = VersionedAttributes(self._attributes, kind)
        mutator: Mutator = invocation.hook.evaluator
        matched = await mutator.matches(versioned, params, self._authorization)
        if matched.error:
            self._problem(invocation, matched.error, "Invalid")
        if not matched.matches:
            return
        before = versioned.object
        request = admission_request(self._attributes, invocation.resource, kind)
        namespace = namespace_object(await self._invocations.namespace(self._attributes))
        for problem in await mutator.mutate(versioned, request, params, namespace, self._authorization):
            self._problem(invocation, problem, "Invalid")
        if versioned.object is not before and versioned.object != before:
            state.require()
            context.should_reinvoke = True
        if invocation.hook.spec.get("reinvocationPolicy") == "IfNeeded":
            state.invoked.add(key)

    def _problem(self, invocation: Invocation, text: str, reason: str = "") -> None:
        hook, binding = invocation.hook, invocation.binding
        if hook.ignores_failures:
            return
        who = f"'{hook.name}' with binding '{binding.name}'" if binding is not None else go_quote(hook.name)
        self.problems.append(_Problem(f"policy {who} denied request: {text}", reason))


def _refusal(attributes: Attributes, problems: list[_Problem]) -> StatusError:
    error = new_forbidden(attributes, "admission request denied by policy")
    error.message, reason = problems[0]
    error.reason = reason or error.reason
    assert error.details is not None
    error.details["causes"] = [{"message": problem.text} for problem in problems]
    return error
