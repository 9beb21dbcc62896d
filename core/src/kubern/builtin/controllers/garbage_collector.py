"""Follows owner references: dependents go with their owners, or are orphaned (upstream: controller/garbagecollector).

A graph of uids is kept from the watch caches' changes; only objects that have owners, or that are being deleted
with one of the collector's finalizers, are ever decoded.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from kubern.apimachinery.errors import StatusError
from kubern.builtin.controllers.resources import all_stores, store_of_kind
from kubern.client.loopback import LoopbackClient
from kubern.registry.deletion import FINALIZER_FOREGROUND, FINALIZER_ORPHAN, set_finalizers
from kubern.registry.rest import DeleteOptions, Preconditions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubern.registry.store import ResourceStore
    from kubern.server import GenericAPIServer
    from kubern.storage.cacher import Change, Entry

logger = logging.getLogger(__name__)
AGAIN_SECONDS = 0.5
SCAN_SECONDS = 1.0
Object = dict[str, Any]


class Node(NamedTuple):
    """An object of the graph."""

    group: str
    resource: str
    namespace: str
    name: str


class GarbageCollector:
    """The graph and the queue of nodes to look at."""

    def __init__(self, server: GenericAPIServer) -> None:
        self.server = server
        self.client = LoopbackClient(server, "kube-controller-manager")
        self.dependents: dict[str, set[Node]] = {}
        self.owners: dict[Node, frozenset[str]] = {}
        self.uids: dict[Node, str] = {}
        self._followed: set[tuple[str, str]] = set()
        self._queue: asyncio.Queue[Node] = asyncio.Queue()

    async def start(self) -> None:
        """Read what is there."""
        await self._follow_new()

    async def _follow_new(self) -> None:
        """Subscribe to resources that have appeared (custom resources come and go)."""
        for store in all_stores(self.server):
            key = (store.definition.group, store.definition.resource)
            if key in self._followed:
                continue
            self._followed.add(key)
            await store.cacher.ready()
            self._follow(store)

    def _follow(self, store: ResourceStore) -> None:
        group, resource = store.definition.group, store.definition.resource

        def node_of(change: Change) -> Node:
            return Node(group, resource, change.namespace, change.name)

        def changed(changes: Sequence[Change]) -> None:
            for change in changes:
                node = node_of(change)
                if change.entry is None:
                    self._gone(node, change.prev)
                else:
                    self._seen(node, change.entry)

        store.cacher.subscribe(changed)
        for entry in store.cacher.entries().values():
            self._seen(Node(group, resource, entry.namespace, entry.name), entry)

    def _seen(self, node: Node, entry: Entry) -> None:
        value = entry.value
        deleting = b'"deletionTimestamp"' in value
        if b'"ownerReferences"' not in value:
            self._link(node, frozenset())
            if deleting:
                self._queue.put_nowait(node)
            return
        meta = entry.decode()["metadata"]
        self._link(node, frozenset(r["uid"] for r in meta.get("ownerReferences", ())))
        self._queue.put_nowait(node)

    def _link(self, node: Node, owners: frozenset[str]) -> None:
        old = self.owners.get(node, frozenset())
        for uid in old - owners:
            self.dependents.get(uid, set()).discard(node)
        for uid in owners - old:
            self.dependents.setdefault(uid, set()).add(node)
        if owners:
            self.owners[node] = owners
        else:
            self.owners.pop(node, None)

    def _gone(self, node: Node, last: Entry | None) -> None:
        for uid in self.owners.get(node, ()):
            self._queue_owner(uid)
        self._link(node, frozenset())
        if last is None:
            return
        uid = last.decode()["metadata"].get("uid", "")
        for dependent in self.dependents.pop(uid, ()):
            self._queue.put_nowait(dependent)

    def _queue_owner(self, uid: str) -> None:
        """A dependent has gone: its owner may be waiting for that."""
        owner = next((n for n, u in self.uids.items() if u == uid), None)
        if owner is not None:
            self._queue.put_nowait(owner)

    async def run(self) -> None:
        """Work for ever; look for new resources now and then."""
        while True:
            try:
                node = await asyncio.wait_for(self._queue.get(), SCAN_SECONDS)
            except TimeoutError:
                await self._follow_new()
                continue
            try:
                again = await self.sync(node)
            except StatusError as error:
                logger.warning("garbage collection of %s/%s: %s", node.namespace, node.name, error.message)
                again = True
            if again:
                asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._queue.put_nowait, node)

    async def sync(self, node: Node) -> bool:
        """Do what the object's owners and finalizers ask for; whether to look again. Raises StatusError."""
        obj = await self.client.get(node.group, node.resource, node.namespace, node.name)
        if obj is None:
            return False
        meta = obj["metadata"]
        finalizers = meta.get("finalizers", [])
        if "deletionTimestamp" in meta:
            if FINALIZER_ORPHAN in finalizers:
                await self._orphan_dependents(meta["uid"])
                await self._drop_finalizer(node, FINALIZER_ORPHAN)
                return False
            if FINALIZER_FOREGROUND in finalizers:
                return await self._delete_dependents_first(node, meta["uid"])
            return False
        return await self._delete_if_unowned(node, obj)

    # ---------------------------------------------------------------- dependents

    async def _delete_if_unowned(self, node: Node, obj: Object) -> bool:
        references = obj["metadata"].get("ownerReferences") or []
        if not references:
            return False
        absent = [r for r in references if not await self._exists(r, node.namespace)]
        if not absent:
            return False
        if len(absent) < len(references):
            gone = {r["uid"] for r in absent}
            await self.client.update(
                node.group, node.resource, node.namespace, node.name, lambda o: _drop_owners(o, gone)
            )
            return False
        options = DeleteOptions(
            propagation_policy="Background", preconditions=Preconditions(uid=obj["metadata"]["uid"])
        )
        await self.client.delete(node.group, node.resource, node.namespace, node.name, options)
        return False

    async def _exists(self, reference: Object, namespace: str) -> bool:
        store = store_of_kind(self.server, reference.get("apiVersion", ""), reference.get("kind", ""))
        if store is None:
            # An unknown kind may be served by somebody else: never delete for its sake.
            return True
        entry = await store.cacher.get(store.key(namespace, reference["name"]))
        return entry is not None and entry.decode()["metadata"].get("uid") == reference["uid"]

    async def _orphan_dependents(self, uid: str) -> None:
        for node in list(self.dependents.get(uid, ())):
            try:
                await self.client.update(
                    node.group, node.resource, node.namespace, node.name, lambda o: _drop_owners(o, {uid})
                )
            except StatusError as error:
                if error.code != 404:
                    raise

    async def _delete_dependents_first(self, node: Node, uid: str) -> bool:
        self.uids[node] = uid
        blocking = False
        for dependent in list(self.dependents.get(uid, ())):
            obj = await self.client.get(dependent.group, dependent.resource, dependent.namespace, dependent.name)
            if obj is None:
                continue
            references = obj["metadata"].get("ownerReferences") or ()
            blocking |= any(r["uid"] == uid and r.get("blockOwnerDeletion") for r in references)
            if "deletionTimestamp" not in obj["metadata"]:
                options = DeleteOptions(propagation_policy="Foreground")
                await self.client.delete(
                    dependent.group, dependent.resource, dependent.namespace, dependent.name, options
                )
        if blocking and any(True for _ in self.dependents.get(uid, ())):
            return True
        self.uids.pop(node, None)
        await self._drop_finalizer(node, FINALIZER_FOREGROUND)
        return False

    async def _drop_finalizer(self, node: Node, finalizer: str) -> None:
        def change(obj: Object) -> None:
            set_finalizers(obj, [f for f in obj["metadata"].get("finalizers", []) if f != finalizer])

        try:
            await self.client.update(node.group, node.resource, node.namespace, node.name, change)
        except StatusError as error:
            if error.code != 404:
                raise


def _drop_owners(obj: Object, uids: set[str]) -> None:
    kept = [r for r in obj["metadata"].get("ownerReferences", []) if r["uid"] not in uids]
    if kept:
        obj["metadata"]["ownerReferences"] = kept
    else:
        obj["metadata"].pop("ownerReferences", None)
