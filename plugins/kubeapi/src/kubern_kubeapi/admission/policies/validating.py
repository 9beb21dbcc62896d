"""The ValidatingAdmissionPolicy plugin (upstream: policy/validating/dispatcher.go). Next: `validator.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import CONNECT, CREATE, DELETE, UPDATE, Attributes, Handler
from kubern.util import gojson
from kubern_kubeapi.admission.dynamic.request import admission_request
from kubern_kubeapi.admission.dynamic.versions import Kind, VersionedAttributes, kind_for
from kubern_kubeapi.admission.policies.invocation import Invocation, Invocations
from kubern_kubeapi.admission.policies.source import PolicySource

if TYPE_CHECKING:
    from kubern.apimachinery.errors import StatusError
    from kubern.config import CompletedConfig
    from kubern_kubeapi.admission.dynamic.cel import Authorization
    from kubern_kubeapi.admission.policies.source import Hook
    from kubern_kubeapi.admission.policies.validator import Decision, Validator, Verdict

Object = dict[str, Any]
MAX_ANNOTATION_BYTES = 10 * 1024
FAILURE_ANNOTATION = "validation.policy.admission.k8s.io/validation_failure"
_CODES = {"Forbidden": 403, "Unauthorized": 401, "RequestEntityTooLarge": 413, "Invalid": 422}


class _Denied(NamedTuple):
    """A decision against the request, and whose it is."""

    policy: str
    binding: str
    message: str
    reason: str = ""


class ValidatingAdmissionPolicy(Handler):
    """Asks every policy that is bound to the request."""

    operations = (CREATE, UPDATE, DELETE, CONNECT)

    def __init__(self, config: CompletedConfig) -> None:
        self._config = config
        self._invocations = Invocations(config)
        self._source: PolicySource[Validator] = PolicySource(
            config, "validatingadmissionpolicies", "validatingadmissionpolicybindings", _make_validator
        )

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError with the reason of the first policy that says no."""
        hooks = await self._source.hooks()
        if not hooks or not self._invocations.concerns(attributes):
            return
        run = _Run(self._config, self._invocations, attributes)
        await run.evaluate(hooks)
        run.publish_annotations()
        if run.denied:
            raise _refusal(attributes, run.denied[0])


def _make_validator(policy: Object) -> Validator:
    from kubern_kubeapi.admission.policies.validator import Validator

    return Validator(policy)


class _Run:
    """The policies' judgement of one request."""

    def __init__(self, config: CompletedConfig, invocations: Invocations, attributes: Attributes) -> None:
        self._config = config
        self._invocations = invocations
        self._attributes = attributes
        self._versioned: dict[Kind, VersionedAttributes] = {}
        self._authorization: Authorization | None = None
        self._annotations: dict[str, dict[str, list[str]]] = {}
        self.denied: list[_Denied] = []

    async def evaluate(self, hooks: list[Hook[Validator]]) -> None:
        """Fill `denied`; warn and annotate as the bindings say. Raises StatusError."""
        async for invocation in self._invocations.find(hooks, self._attributes):
            if invocation.problem:
                self._configuration_problem(invocation)
                continue
            assert invocation.binding is not None
            for params in invocation.params:
                self._act(invocation, await self._ask(invocation, params))

    def _configuration_problem(self, invocation: Invocation) -> None:
        if not invocation.hook.ignores_failures:
            binding = invocation.binding.name if invocation.binding is not None else ""
            self.denied.append(_Denied(invocation.hook.name, binding, invocation.problem))

    async def _ask(self, invocation: Invocation, params: Object | None) -> Verdict:
        from kubern_kubeapi.admission.dynamic.cel import Authorization, namespace_object

        kind = kind_for(self._attributes, invocation.resource)
        versioned = self._versioned.get(kind)
        if versioned is None:
            versioned = self._versioned[kind] = VersionedAttributes(self._attributes, kind)
        if self._authorization is None:
            self._authorization = Authorization(self._config.authorizer, self._attributes)
        namespace = namespace_object(await self._invocations.namespace(self._attributes))
        request = admission_request(self._attributes, invocation.resource, kind)
        validator: Validator = invocation.hook.evaluator
        return await validator.validate(versioned, request, params, namespace, self._authorization)

    def _act(self, invocation: Invocation, verdict: Verdict) -> None:
        hook, binding = invocation.hook, invocation.binding
        assert binding is not None
        actions = binding.spec.get("validationActions") or ()
        for i, decision in enumerate(verdict.decisions):
            if decision.action != "deny":
                continue
            if "Deny" in actions:
                self.denied.append(_Denied(hook.name, binding.name, decision.message, decision.reason))
            if "Audit" in actions:
                self._annotate_failure(invocation, i, decision)
            if "Warn" in actions:
                who = f"ValidatingAdmissionPolicy '{hook.name}' with binding '{binding.name}'"
                self._attributes.add_warning(f"Validation failed for {who}: {decision.message}")
        kept = self._annotations.setdefault(hook.name, {})
        for key, value in verdict.annotations:
            values = kept.setdefault(key, [])
            if value not in values:
                values.append(value[:MAX_ANNOTATION_BYTES])
        for error in verdict.annotation_errors:
            self.denied.append(_Denied(hook.name, binding.name, error))

    def _annotate_failure(self, invocation: Invocation, i: int, decision: Decision) -> None:
        assert invocation.binding is not None
        failure = {
            "message": decision.message,
            "policy": invocation.hook.name,
            "binding": invocation.binding.name,
            "expressionIndex": i,
            "validationActions": invocation.binding.spec.get("validationActions") or [],
        }
        self._attributes.add_annotation(FAILURE_ANNOTATION, gojson.encode([failure]))

    def publish_annotations(self) -> None:
        """Put the policies' own annotations into the audit event."""
        for policy, values in self._annotations.items():
            for key, texts in values.items():
                self._attributes.add_annotation(f"{policy}/{key}", ", ".join(texts))


def _refusal(attributes: Attributes, denied: _Denied) -> StatusError:
    with_binding = f" with binding '{denied.binding}'" if denied.binding else ""
    message = f"ValidatingAdmissionPolicy '{denied.policy}'{with_binding} denied request: {denied.message}"
    error = new_forbidden(attributes, message)
    error.reason = denied.reason or "Invalid"
    error.code = _CODES.get(error.reason, 422)
    assert error.details is not None
    error.details["causes"] = [{"message": message}]
    return error
