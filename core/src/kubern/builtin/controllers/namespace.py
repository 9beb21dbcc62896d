"""Deletes the content of terminating namespaces, then their finalizer (upstream: pkg/controller/namespace).

Everything is read from watch caches; a namespace that still holds something is looked at again shortly after.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import GroupResource, StatusError
from kubern.builtin.controllers.resources import all_stores
from kubern.client.loopback import LoopbackClient
from kubern.registry.before import now_text
from kubern.registry.rest import DeleteOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubern.registry.store import ResourceStore
    from kubern.server import GenericAPIServer
    from kubern.storage.cacher import Change

logger = logging.getLogger(__name__)
PODS = GroupResource("", "pods")
FINALIZER = "kubernetes"
AGAIN_SECONDS = 0.5
Object = dict[str, Any]


class NamespaceController:
    """One queue of namespace names, worked off one after the other."""

    def __init__(self, server: GenericAPIServer) -> None:
        self.server = server
        self.client = LoopbackClient(server, "kube-controller-manager")
        self._queue: asyncio.Queue[str] = asyncio.Queue()

    async def start(self) -> None:
        """Begin with what is terminating already, then follow changes."""
        store = self.client.store("", "namespaces")
        await store.cacher.ready()
        store.cacher.subscribe(self._changed)
        for entry in store.cacher.entries().values():
            self._queue.put_nowait(entry.name)

    def _changed(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.entry is not None and b'"deletionTimestamp"' in change.entry.value:
                self._queue.put_nowait(change.name)

    async def run(self) -> None:
        """Work for ever."""
        while True:
            name = await self._queue.get()
            try:
                finished = await self.sync(name)
            except StatusError as error:
                logger.warning("namespace %s: %s", name, error.message)
                finished = False
            if not finished:
                asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._queue.put_nowait, name)

    async def sync(self, name: str) -> bool:
        """Whether nothing is left to do for the namespace. Raises StatusError."""
        namespace = await self.client.get("", "namespaces", "", name)
        if namespace is None or "deletionTimestamp" not in namespace["metadata"]:
            return True
        if FINALIZER not in namespace.get("spec", {}).get("finalizers", []):
            return True
        remaining = await self._delete_content(name)
        if remaining:
            await self._report(name, remaining)
            return False
        await self.client.update("", "namespaces", "", name, _without_finalizer, subresource="finalize")
        return True

    async def _delete_content(self, namespace: str) -> dict[str, int]:
        """How many objects of each resource are still there after deleting all that can be.

        Pods go first and alone: nothing that restricts them, a NetworkPolicy say, is taken away while they run.
        """
        remaining: dict[str, int] = {}
        stores = [store for store in all_stores(self.server) if store.namespaced]
        for store in sorted(stores, key=lambda store: store.definition.group_resource != PODS):
            if str(PODS) in remaining:
                break
            await store.cacher.ready()
            left = await self._delete_all(store, namespace)
            if left:
                remaining[str(store.definition.group_resource)] = left
        return remaining

    async def _delete_all(self, store: ResourceStore, namespace: str) -> int:
        definition = store.definition
        prefix = store.cacher.codec.key(namespace, "")
        names = [e.name for e in store.cacher.index.slice(prefix, prefix[:-1] + "0")]
        ctx = self.client.context("delete", definition.group, definition.resource, namespace)
        for name in names:
            try:
                await store.delete(ctx, name, DeleteOptions(propagation_policy="Background"))
            except StatusError as error:
                if error.code != 404:
                    raise
        return len(store.cacher.index.slice(prefix, prefix[:-1] + "0"))

    async def _report(self, name: str, remaining: dict[str, int]) -> None:
        parts = [f"{resource} has {count} resource instances" for resource, count in sorted(remaining.items())]
        message = "Some resources are remaining: " + ", ".join(parts)
        condition = {
            "type": "NamespaceContentRemaining",
            "status": "True",
            "reason": "SomeResourcesRemain",
            "message": message,
        }

        def change(obj: Object) -> None:
            conditions = obj.setdefault("status", {}).setdefault("conditions", [])
            for i, old in enumerate(conditions):
                if old["type"] == condition["type"]:
                    if old.get("message") != message:
                        conditions[i] = {**old, **condition}
                    return
            conditions.append({**condition, "lastTransitionTime": now_text()})

        await self.client.update("", "namespaces", "", name, change, subresource="status")


def _without_finalizer(obj: Object) -> None:
    finalizers = [f for f in obj.get("spec", {}).get("finalizers", []) if f != FINALIZER]
    obj["spec"] = {"finalizers": finalizers} if finalizers else {}
