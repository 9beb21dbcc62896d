"""Keeps one APIService per group-version that this process serves (upstream: kube-aggregator/pkg/controllers/autoregister).

Sources announce group-versions; what was announced while starting is `onstart`, written once; what sources keep in
step while running (custom resources) is put back when somebody changes it and removed when it goes.
Next: `availability.py`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

from kubern.apimachinery.errors import StatusError
from kubern.client.loopback import LoopbackClient
from kubern_aggregator.api.apiservice import GROUP, RESOURCE, object_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubern.server import GenericAPIServer
    from kubern.storage.cacher import Change

LABEL = "kube-aggregator.kubernetes.io/automanaged"
ON_START = "onstart"
SYNC = "true"
RETRY_SECONDS = 1.0
Object = dict[str, Any]


class Wanted(NamedTuple):
    """An APIService as it should be."""

    group: str
    version: str
    group_priority: int
    version_priority: int
    managed: str

    def spec(self) -> Object:
        spec: Object = {"version": self.version}
        if self.group:
            spec["group"] = self.group
        return spec | {"groupPriorityMinimum": self.group_priority, "versionPriority": self.version_priority}


class AutoRegister:
    """The controller: `start` announces, `run` reconciles for ever."""

    def __init__(self, server: GenericAPIServer) -> None:
        self.server = server
        self.client = LoopbackClient(server)
        self.wanted: dict[str, Wanted] = {}
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._queued: set[str] = set()
        self._first_pass = True

    async def start(self) -> None:
        """Listen to the sources and bring the stored objects in line, all at once."""
        store = self.client.store(GROUP, RESOURCE)
        await store.cacher.ready()
        for source in self.server.config.plugins.api_service_sources():
            managed = SYNC if source.sync else ON_START

            def announce(group: str, version: str, priorities: tuple[int, int] | None, managed: str = managed) -> None:
                self._announce(group, version, priorities, managed)

            source.subscribe(self.server, announce)
        store.cacher.subscribe(self._changed)
        names = self.wanted.keys() | {entry.name for entry in store.cacher.entries().values()}
        await asyncio.gather(*(self.reconcile(name) for name in names))
        self._first_pass = False

    async def check_complete(self) -> None:
        """A health check: raises RuntimeError until everything announced while starting is registered."""
        if self._first_pass:
            raise RuntimeError("autoregistration has not ended")

    def _announce(self, group: str, version: str, priorities: tuple[int, int] | None, managed: str) -> None:
        if group == GROUP:
            return  # the aggregator's own, which needs no way to it
        name = object_name(group, version)
        if priorities is None:
            self.wanted.pop(name, None)
        else:
            self.wanted[name] = Wanted(group, version, *priorities, managed)
        self._enqueue(name)

    def _changed(self, changes: Sequence[Change]) -> None:
        for change in changes:
            self._enqueue(change.name)

    def _enqueue(self, name: str) -> None:
        if name not in self._queued:
            self._queued.add(name)
            self._queue.put_nowait(name)

    async def run(self) -> None:
        """Reconcile what changes, one name at a time; a failed one is tried again."""
        while True:
            name = await self._queue.get()
            self._queued.discard(name)
            try:
                await self.reconcile(name)
            except StatusError:
                asyncio.get_running_loop().call_later(RETRY_SECONDS, self._enqueue, name)

    async def reconcile(self, name: str) -> None:
        """Create, correct or delete one APIService. Raises StatusError when the write fails."""
        wanted = self.wanted.get(name)
        found = await self.client.get(GROUP, RESOURCE, "", name)
        if found is None:
            if wanted is not None and (wanted.managed == SYNC or self._first_pass):
                await self._create(name, wanted)
            return
        managed = found["metadata"].get("labels", {}).get(LABEL)
        if managed not in (SYNC, ON_START):
            return
        if wanted is None:
            if managed == SYNC or self._first_pass:
                await self.client.delete(GROUP, RESOURCE, "", name)
            return
        differs = found.get("spec") != wanted.spec() or managed != wanted.managed
        if differs and (wanted.managed == SYNC or self._first_pass):
            await self.client.update(GROUP, RESOURCE, "", name, lambda obj: _correct(obj, wanted))

    async def _create(self, name: str, wanted: Wanted) -> None:
        obj: Object = {"metadata": {"name": name, "labels": {LABEL: wanted.managed}}, "spec": wanted.spec()}
        try:
            await self.client.create(GROUP, RESOURCE, obj)
        except StatusError as error:
            if error.reason != "AlreadyExists":
                raise


def _correct(obj: Object, wanted: Wanted) -> None:
    obj["spec"] = wanted.spec()
    obj["metadata"].setdefault("labels", {})[LABEL] = wanted.managed
