"""Puts the controllers to work: each is told of every definition that changes. Next: `queue.py`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kubern.client.loopback import LoopbackClient
from kubern.util.json_copy import json_copy
from kubern_apiextensions.api import crd as crds
from kubern_apiextensions.api.summary import Summary, summary_of
from kubern_apiextensions.controllers import api_approval, nonstructural
from kubern_apiextensions.controllers.establishing import establish, is_to_establish
from kubern_apiextensions.controllers.finalizer import Finalizer
from kubern_apiextensions.controllers.naming import accept_names, set_names, used_names
from kubern_apiextensions.controllers.queue import Controller

if TYPE_CHECKING:
    from kubern.server import GenericAPIServer
    from kubern.storage.cacher import Change
    from kubern_apiextensions.handlers.resources import ServedResources

Object = dict[str, Any]
FINALIZER_WORKERS = 5


class DefinitionControllers:
    """All controllers of definitions."""

    def __init__(self, server: GenericAPIServer, resources: ServedResources) -> None:
        self.server = server
        self.resources = resources
        self.client = LoopbackClient(server)
        self._judged: dict[str, tuple[bytes, str]] = {}
        self.naming = Controller("naming-condition-controller", self._name)
        self.establishing = Controller("establishing-controller", self._establish)
        self.judging = Controller("definition-conditions", self._judge)
        self.finalizing = Controller("crd-finalizer", Finalizer(self.client, resources).sync, FINALIZER_WORKERS)

    def _all(self) -> Iterator[Controller]:
        yield from (self.judging, self.naming, self.establishing, self.finalizing)

    async def start(self) -> None:
        """Begin with all stored definitions. Raises StorageError."""
        await self.resources.ready()
        cacher = self.resources.definitions
        cacher.subscribe(self._changed)
        for entry in list(cacher.entries().values()):
            self._add(entry.name)
        for controller in self._all():
            self.server.tasks.spawn(controller.name, controller.run())

    def _changed(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.entry is None:
                self._judged.pop(change.name, None)
                assert change.prev is not None
                self._add_siblings(summary_of(change.prev))
            else:
                self._add(change.name)

    def _add(self, name: str) -> None:
        for controller in self._all():
            controller.add(name)

    def _add_siblings(self, summary: Summary) -> None:
        """Names have become free: others of the group may have waited for them."""
        for other in self.resources.summaries(summary.group):
            if other.name != summary.name:
                self.naming.add(other.name)

    # ---------------------------------------------------------------- one definition

    async def _update(self, name: str, change: Callable[[Object], None]) -> None:
        await self.client.update(crds.GROUP, crds.RESOURCE, "", name, change, subresource="status")

    async def _name(self, name: str) -> None:
        served = self.resources.get(name)
        if served is None or served.summary.names == served.summary.accepted:
            return
        summary = served.summary
        used = used_names(self.resources.summaries(summary.group))
        given, reason, message = accept_names(summary.names, summary.accepted, *used)
        condition = crds.find_condition(served.declared(), crds.NAMES_ACCEPTED) or {}
        if given == summary.accepted and (condition.get("reason"), condition.get("message")) == (reason, message):
            return
        await self._update(name, lambda crd: set_names(crd, given, reason, message))
        self._add_siblings(summary)

    async def _establish(self, name: str) -> None:
        served = self.resources.get(name)
        if served is not None and is_to_establish(served.summary):
            await self._update(name, establish)

    async def _judge(self, name: str) -> None:
        """Conditions that depend on the spec and the approval annotation alone."""
        served = self.resources.get(name)
        if served is None:
            return
        seen = (served.summary.spec, served.summary.approval)
        if self._judged.get(name) != seen:
            began = time.perf_counter()
            crd = served.declared()
            before = json_copy(crd.get("status") or {})
            judge(crd)
            # Hundreds are judged when the server starts; nobody waits for that, and everybody for the server.
            await asyncio.sleep(3 * (time.perf_counter() - began))
            if crd.get("status", {}) != before:
                await self._update(name, judge)
            self._judged[name] = seen


def judge(crd: Object) -> None:
    """Set the conditions that follow from the definition itself, in place."""
    api_approval.judge(crd)
    nonstructural.judge(crd)
