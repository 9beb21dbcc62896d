"""Which policies a request is for, and with which bindings (upstream: policy/generic and policy/matching)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kubern.apimachinery.errors import StatusError
from kubern_kubeapi.admission.dynamic.matching import SelectorMatcher, is_configuration, match_rules
from kubern_kubeapi.admission.dynamic.rules import Resource, resource_of
from kubern_kubeapi.admission.policies.params import ConfigurationProblem, ParamKind, collect_params

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kubern.admission.interface import Attributes
    from kubern.config import CompletedConfig
    from kubern_kubeapi.admission.policies.source import Binding, Hook, Match

Object = dict[str, Any]
EXCLUDED = frozenset({
    ("authentication.k8s.io", "selfsubjectreviews"), ("authentication.k8s.io", "tokenreviews"),
    ("authorization.k8s.io", "localsubjectaccessreviews"), ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"), ("authorization.k8s.io", "subjectaccessreviews"),
})  # fmt: skip
"""Questions to the server, which policies do not see."""


class Invocation(NamedTuple):
    """One policy, one of its bindings, all parameters of that; or what keeps it from being evaluated."""

    hook: Hook[Any]
    binding: Binding | None
    resource: Resource
    params: list[Object | None]
    problem: str = ""


class Invocations:
    """Finds what a request is to be judged by."""

    def __init__(self, config: CompletedConfig) -> None:
        self._config = config
        self.selectors = SelectorMatcher(config)

    def concerns(self, attributes: Attributes) -> bool:
        """Whether policies may see this kind of request at all."""
        return not is_configuration(attributes) and (attributes.group, attributes.resource) not in EXCLUDED

    async def namespace(self, attributes: Attributes) -> Object | None:
        """The request's namespace; None for what is in none, a namespace included. Raises StatusError 404."""
        name = attributes.namespace
        if not name or (attributes.kind == "Namespace" and not attributes.group):
            return None
        found = await self.selectors.namespaces.get("", name)
        if found is None:
            from kubern.apimachinery.errors import GroupResource, not_found

            raise not_found(GroupResource("", "namespaces"), name)
        return found

    async def find(self, hooks: list[Hook[Any]], attributes: Attributes) -> AsyncIterator[Invocation]:
        """In the order of policies and bindings; configuration problems where they are met."""
        for hook in hooks:
            try:
                resource = await self._match(hook.match, attributes)
            except StatusError as error:
                problem = f"failed to configure policy: {error.message}"
                yield Invocation(hook, None, resource_of(attributes), [], problem)
                continue
            if resource is None:
                continue
            document = hook.spec.get("paramKind")
            try:
                param_kind = None if document is None else ParamKind(self._config, document)
            except ConfigurationProblem as error:
                yield Invocation(hook, None, resource, [], f"failed to configure policy: {error}")
                continue
            for binding in hook.bindings:
                try:
                    if binding.match is not None and await self._match(binding.match, attributes) is None:
                        continue
                    params = await collect_params(self._config, param_kind, binding.spec, attributes.namespace)
                except (StatusError, ConfigurationProblem) as error:
                    yield Invocation(hook, binding, resource, [], f"failed to configure binding: {error}")
                    continue
                yield Invocation(hook, binding, resource, params)

    async def _match(self, match: Match, attributes: Attributes) -> Resource | None:
        """The resource under which the request is meant. Raises StatusError."""
        error: StatusError | None = None
        try:
            if not await self.selectors.matches(match.selectors, attributes):
                return None
        except StatusError as failed:
            error = failed  # counts only if the rules mean the request
        if match_rules(match.excluded, match.policy, attributes) is not None:
            return None
        found = match_rules(match.rules, match.policy, attributes) if match.rules else resource_of(attributes)
        if found is not None and error is not None:
            raise error
        return found
