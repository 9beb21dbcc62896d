"""Policies with their bindings, as they are stored now; compiled parts are kept while a policy does not change.

Upstream: policy/generic/policy_source.go. Next: `invocation.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from kubern_kubeapi.admission.dynamic.matching import Selectors
from kubern_kubeapi.admission.lister import Lister

if TYPE_CHECKING:
    from kubern.config import CompletedConfig
    from kubern.storage.cacher import Cacher

Object = dict[str, Any]
GROUP = "admissionregistration.k8s.io"
T = TypeVar("T")


class Match(NamedTuple):
    """matchConstraints of a policy or matchResources of a binding."""

    selectors: Selectors
    rules: list[Object]
    excluded: list[Object]
    policy: str

    @staticmethod
    def of(document: Object | None) -> Match:
        document = document or {}
        return Match(
            Selectors.of(document),
            document.get("resourceRules") or [],
            document.get("excludeResourceRules") or [],
            document.get("matchPolicy") or "",
        )


class Binding(NamedTuple):
    """A binding and whom it is for (None: everybody whom the policy is for)."""

    name: str
    spec: Object
    match: Match | None


class Hook(NamedTuple, Generic[T]):
    """A policy that has bindings."""

    name: str
    spec: Object
    match: Match
    bindings: list[Binding]
    evaluator: T

    @property
    def ignores_failures(self) -> bool:
        return self.spec.get("failurePolicy") == "Ignore"


class PolicySource(Generic[T]):
    """All hooks in the order of their names; remade only after something has changed."""

    def __init__(
        self, config: CompletedConfig, policies: str, bindings: str, make_evaluator: Callable[[Object], T]
    ) -> None:
        self._policies = Lister(config, GROUP, policies)
        self._bindings = Lister(config, GROUP, bindings)
        self._make_evaluator = make_evaluator
        self._evaluators: dict[tuple[str, str], T] = {}
        self._subscribed: set[int] = set()
        self._hooks: list[Hook[T]] | None = None

    async def hooks(self) -> list[Hook[T]]:
        """The hooks; shared."""
        if self._hooks is None:
            for lister in (self._policies, self._bindings):
                self._subscribe(await lister.cacher())
            hooks = await self._make()
            if len(self._subscribed) == 2:
                self._hooks = hooks
            return hooks
        return self._hooks

    def _subscribe(self, cacher: Cacher | None) -> None:
        if cacher is not None and id(cacher) not in self._subscribed:
            self._subscribed.add(id(cacher))
            cacher.subscribe(self._forget)

    def _forget(self, _: object) -> None:
        self._hooks = None

    async def _make(self) -> list[Hook[T]]:
        by_policy: dict[str, list[Binding]] = {}
        for obj in await self._bindings.objects():
            spec = obj.get("spec") or {}
            match = spec.get("matchResources")
            binding = Binding(obj["metadata"]["name"], spec, None if match is None else Match.of(match))
            by_policy.setdefault(spec.get("policyName", ""), []).append(binding)
        hooks = []
        evaluators: dict[tuple[str, str], T] = {}
        for obj in await self._policies.objects():
            name = obj["metadata"]["name"]
            if name not in by_policy:
                continue
            key = (name, obj["metadata"].get("resourceVersion", ""))
            evaluators[key] = self._evaluators.get(key) or self._make_evaluator(obj)
            spec = obj.get("spec") or {}
            hooks.append(Hook(name, spec, Match.of(spec.get("matchConstraints")), by_policy[name], evaluators[key]))
        self._evaluators = evaluators
        return hooks
