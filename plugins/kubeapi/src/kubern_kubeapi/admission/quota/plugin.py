"""The ResourceQuota admission plugin: requests of a namespace are charged one after the other.

Upstream: resourcequota's admission.go and controller.go. Requests that arrive while a namespace's quotas are being
written wait and are then charged together, with one write for each quota that they change. Next: `check.py`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from kubern.admission.configuration import plugin_configuration
from kubern.admission.interface import Attributes, Handler
from kubern.apimachinery.errors import StatusError, conflict
from kubern.client.loopback import LoopbackClient
from kubern.registry.errors import OPTIMISTIC_LOCK_ERROR
from kubern_kubeapi.admission.lister import Lister, decoded
from kubern_kubeapi.admission.quota.check import Limited, Quota, charge
from kubern_kubeapi.admission.quota.claims import Claims
from kubern_kubeapi.admission.quota.deviceclaims import DeviceClaims
from kubern_kubeapi.admission.quota.evaluators import Evaluator, ObjectCount
from kubern_kubeapi.admission.quota.pods import Pods
from kubern_kubeapi.admission.quota.services import Services

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

Object = dict[str, Any]
IGNORED = frozenset({
    ("", "events"), ("events.k8s.io", "events"), ("", "bindings"), ("", "componentstatuses"),
    ("authorization.k8s.io", "localsubjectaccessreviews"),
})  # fmt: skip
_OLD_NAMES = frozenset({"configmaps", "resourcequotas", "replicationcontrollers", "secrets"})
_RETRIES = 3


class ResourceQuota(Handler):
    """Charges what is created, and what grows, to the quotas of its namespace."""

    def __init__(self, config: CompletedConfig) -> None:
        document = plugin_configuration(config, "ResourceQuota") or {}
        self._config = config
        self._limited = [Limited.of(entry) for entry in document.get("limitedResources") or ()]
        self._quotas = Lister(config, "", "resourcequotas")
        self._evaluators: dict[tuple[str, str], Evaluator] = {
            ("", "pods"): Pods(),
            ("", "services"): Services(),
            ("", "persistentvolumeclaims"): Claims(),
            ("resource.k8s.io", "resourceclaims"): DeviceClaims(config),
        }
        self._namespaces: dict[str, _Namespace] = {}

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403, 409."""
        namespace = attributes.namespace
        if not namespace or (attributes.kind == "Namespace" and not attributes.group) or attributes.object is None:
            return
        resource = (attributes.group, attributes.resource)
        if resource in IGNORED:
            return
        evaluator = self._evaluators.get(resource)
        if evaluator is None:
            alias = attributes.resource if not attributes.group and attributes.resource in _OLD_NAMES else ""
            evaluator = self._evaluators[resource] = ObjectCount(*resource, alias)
        if not evaluator.handles(attributes.operation, attributes.subresource):
            return
        if not self._limited and not await self._quotas.entries(namespace):
            return
        queue = self._namespaces.get(namespace)
        if queue is None:
            queue = self._namespaces[namespace] = _Namespace(self, namespace)
        await queue.charge(attributes, await evaluator.bind(attributes.object))

    async def current(self, namespace: str) -> list[Quota]:
        """The namespace's quotas as they are stored."""
        return [Quota.of(decoded(entry)) for entry in await self._quotas.entries(namespace)]

    def check(self, quotas: list[Quota], attributes: Attributes, evaluator: Evaluator) -> None:
        """Charge one request. Raises StatusError."""
        charge(quotas, attributes, evaluator, self._limited)

    async def write(self, namespace: str, quota: Quota) -> bool:
        """Store what is used; False when somebody else has changed the quota meanwhile."""

        def change(obj: Object) -> None:
            if obj["metadata"].get("resourceVersion", "") != quota.version:
                raise _Stale
            used = {name: str(quantity) for name, quantity in quota.used.items()}
            obj.setdefault("status", {})["used"] = used

        try:
            await LoopbackClient(self._config.outermost).update(
                "", "resourcequotas", namespace, quota.name, change, subresource="status"
            )
        except _Stale:
            return False
        except StatusError as error:
            if error.code != 404:
                raise
        return True

    def forget(self, namespace: str) -> None:
        """Called when no request of the namespace waits."""
        self._namespaces.pop(namespace, None)


class _Stale(Exception):
    """The quota is no longer the one that was charged."""


class _Waiter:
    """A request and what came of it."""

    __slots__ = ("attributes", "evaluator", "result")

    def __init__(self, attributes: Attributes, evaluator: Evaluator) -> None:
        self.attributes = attributes
        self.evaluator = evaluator
        self.result: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def finish(self, error: BaseException | None) -> None:
        """Let the request go on, or refuse it."""
        if self.result.done():
            return
        if error is None:
            self.result.set_result(None)
        else:
            self.result.set_exception(error)


class _Namespace:
    """The requests that wait for a namespace's quotas."""

    def __init__(self, plugin: ResourceQuota, name: str) -> None:
        self._plugin = plugin
        self._name = name
        self._waiting: list[_Waiter] = []
        self._worker: asyncio.Task[None] | None = None

    async def charge(self, attributes: Attributes, evaluator: Evaluator) -> None:
        """Raises StatusError."""
        waiter = _Waiter(attributes, evaluator)
        self._waiting.append(waiter)
        if self._worker is None:
            self._worker = asyncio.create_task(self._work(), name=f"resource quotas of {self._name}")
        await waiter.result

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                try:
                    await self._charge_all(batch)
                except BaseException as error:
                    for waiter in batch:
                        waiter.finish(error)
                    if not isinstance(error, Exception):
                        raise
        finally:
            self._worker = None
            if not self._waiting:
                self._plugin.forget(self._name)

    async def _charge_all(self, batch: list[_Waiter]) -> None:
        unwritten: set[str] | None = None
        for _ in range(_RETRIES):
            quotas = [q for q in await self._plugin.current(self._name) if unwritten is None or q.name in unwritten]
            charged = [waiter for waiter in batch if self._charge_one(quotas, waiter)]
            batch = []
            # Those that were written are charged; only the others are looked at again.
            changed = [quota for quota in quotas if quota.changed]
            unwritten = {quota.name for quota in changed if not await self._plugin.write(self._name, quota)}
            if not unwritten:
                for waiter in charged:
                    waiter.finish(None)
                return
            batch = charged
        for waiter in batch:
            group_resource = waiter.attributes.definition
            assert group_resource is not None
            waiter.finish(conflict(group_resource.group_resource, waiter.attributes.name, OPTIMISTIC_LOCK_ERROR))

    def _charge_one(self, quotas: list[Quota], waiter: _Waiter) -> bool:
        """Whether the request goes on to be charged in storage."""
        before = [quota.used for quota in quotas]
        try:
            self._plugin.check(quotas, waiter.attributes, waiter.evaluator)
        except StatusError as error:
            waiter.finish(error)
            return False
        if waiter.attributes.dry_run:
            for quota, used in zip(quotas, before, strict=True):
                quota.used = used
        return True
