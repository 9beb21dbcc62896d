"""Deletes the objects of a definition that is being deleted, then lets it go (upstream: finalizer/crd_finalizer.go)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kubern.apimachinery.errors import StatusError, internal_error
from kubern.client.loopback import LoopbackClient
from kubern.registry.rest import DeleteOptions, ListOptions
from kubern_apiextensions.api import crd as crds
from kubern_apiextensions.api.summary import Summary

if TYPE_CHECKING:
    from kubern.registry.store import ResourceStore
    from kubern.storage.cacher import Cacher, Change
    from kubern_apiextensions.handlers.resources import ServedResources

Object = dict[str, Any]
WAIT_SECONDS: Final = 60.0
_OVERLAPPING: Final = frozenset(
    {"apiservices.apiregistration.k8s.io", "customresourcedefinitions.apiextensions.k8s.io"}
)


class Outcome(NamedTuple):
    """Condition Terminating after an attempt; `finished` when the definition may go."""

    finished: bool
    reason: str
    message: str

    def set(self, crd: Object) -> None:
        """Write it into a definition, in place."""
        crds.set_condition(crd, crds.TERMINATING, "False" if self.finished else "True", self.reason, self.message)
        if self.finished:
            finalizers = crd["metadata"].get("finalizers") or []
            crd["metadata"]["finalizers"] = [f for f in finalizers if f != crds.FINALIZER]


IN_PROGRESS: Final = Outcome(False, "InstanceDeletionInProgress", "CustomResource deletion is in progress")
_COMPLETED: Final = Outcome(True, "InstanceDeletionCompleted", "removed all instances")
_NEVER: Final = Outcome(True, "NeverEstablished", "resource was never established")
_BUILT_IN: Final = Outcome(True, "OverlappingBuiltInResource", "instances overlap with built-in resources in storage")


def is_to_finalize(summary: Summary) -> bool:
    return summary.deleting and crds.FINALIZER in summary.finalizers


class Finalizer:
    """Works on one definition at a time per call."""

    def __init__(self, client: LoopbackClient, resources: ServedResources) -> None:
        self.client = client
        self.resources = resources

    async def sync(self, name: str) -> None:
        """Raises StatusError when it has to be tried again."""
        served = self.resources.get(name)
        if served is None or not is_to_finalize(served.summary):
            return
        await self._write(name, IN_PROGRESS)
        summary = served.summary
        outcome = _COMPLETED
        if name in _OVERLAPPING:
            outcome = _BUILT_IN
        elif not summary.is_true(crds.ESTABLISHED):
            outcome = _NEVER
        else:
            outcome = await self._delete_all(served.store(summary.storage.name))
        await self._write(name, outcome)
        if not outcome.finished:
            raise internal_error(outcome.message)

    async def _write(self, name: str, outcome: Outcome) -> None:
        await self.client.update(crds.GROUP, crds.RESOURCE, "", name, outcome.set, subresource="status")

    async def _delete_all(self, store: ResourceStore) -> Outcome:
        """Delete every object and wait for those that finalizers hold."""
        definition = store.definition
        ctx = self.client.context("list", definition.group, definition.resource)
        try:
            page = await store.list(ctx, ListOptions())
        except StatusError as error:
            return Outcome(False, "InstanceDeletionFailed", f"could not list instances: {error.message}")
        failures: dict[str, None] = {}
        for entry in page.entries:
            ctx = self.client.context("delete", definition.group, definition.resource, entry.namespace, entry.name)
            try:
                await store.delete(ctx, entry.name, DeleteOptions())
            except StatusError as error:
                if error.code != 404:
                    failures[error.message] = None
        if failures:
            text = next(iter(failures)) if len(failures) == 1 else "[" + ", ".join(failures) + "]"
            return Outcome(False, "InstanceDeletionFailed", f"could not issue all deletes: {text}")
        try:
            await until_empty(store.cacher)
        except TimeoutError:
            text = "could not confirm zero CustomResources remaining: context deadline exceeded"
            return Outcome(False, "InstanceDeletionCheck", text)
        return _COMPLETED


async def until_empty(cacher: Cacher, seconds: float = WAIT_SECONDS) -> None:
    """Returns when nothing is left in a watch cache. Raises TimeoutError."""
    empty = asyncio.Event()

    def look(changes: Sequence[Change] = ()) -> None:
        if not cacher.entries():
            empty.set()

    unsubscribe = cacher.subscribe(look)
    try:
        look()
        async with asyncio.timeout(seconds):
            await empty.wait()
    finally:
        unsubscribe()
