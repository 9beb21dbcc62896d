"""All custom resources that are defined, kept in step with the definitions' watch cache.

A change is here in the turn of the event loop in which it was stored: who has written a definition and reads it back
finds it at work. Next: `served.py`, `dispatch.py`, `discovery.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from kubern.client.loopback import LoopbackClient
from kubern.remote.service_resolver import ServiceResolver
from kubern_apiextensions.api.crd import GROUP, RESOURCE
from kubern_apiextensions.api.summary import Summary, summary_of
from kubern_apiextensions.handlers.served import ServedResource

if TYPE_CHECKING:
    from kubern.server import GenericAPIServer
    from kubern.storage.cacher import Cacher, Change, Entry

log = logging.getLogger(__name__)
OnGroup = Callable[[str], None]
FORGET_SECONDS: Final = 300.0
"""What is compiled of a version is dropped when it was not used for this to twice this long."""


class ServedResources:
    """Custom resources by the name of their definition (`plural.group`)."""

    def __init__(self, server: GenericAPIServer) -> None:
        self.server = server
        self._resolve_service = ServiceResolver(LoopbackClient(server))
        self._served: dict[str, ServedResource] = {}
        self._listeners: list[OnGroup] = []
        self._following = False
        self._starting: asyncio.Lock = asyncio.Lock()

    @property
    def definitions(self) -> Cacher:
        """The watch cache of the definitions."""
        return self.server.stores[GROUP, RESOURCE].cacher

    def on_group(self, listener: OnGroup) -> None:
        """Call `listener` with a group whenever something in it changed."""
        self._listeners.append(listener)

    async def ready(self) -> None:
        """Returns when all stored definitions are at work. Raises StorageError."""
        if not self._following:
            async with self._starting:
                await self._follow()

    async def _follow(self) -> None:
        if self._following:
            return
        cacher = self.definitions
        await cacher.ready()
        cacher.subscribe(self._changed)
        self._following = True
        for entry in list(cacher.entries().values()):
            self._set(entry)
        for group in {served.summary.group for served in self._served.values()}:
            self._tell(group)

    def get(self, name: str) -> ServedResource | None:
        """The custom resource of a definition."""
        return self._served.get(name)

    def summaries(self, group: str = "") -> list[Summary]:
        """All definitions, or those of a group, by name."""
        found: Iterable[ServedResource] = self._served.values()
        return sorted((s.summary for s in found if not group or s.summary.group == group), key=lambda s: s.name)

    async def forget_unused(self) -> None:
        """Drop what is compiled and not in use, for ever."""
        while True:
            await asyncio.sleep(FORGET_SECONDS)
            for served in list(self._served.values()):
                served.forget_unused()

    # ---------------------------------------------------------------- changes

    def _changed(self, changes: Sequence[Change]) -> None:
        groups = set()
        for change in changes:
            known = change.entry or change.prev
            assert known is not None
            if change.entry is None:
                self._remove(change.name)
            else:
                self._set(change.entry)
            groups.add(group_of(known))
        for group in groups:
            self._tell(group)

    def _set(self, entry: Entry) -> None:
        try:
            self._take_over(entry)
        except Exception:  # whatever was stored under one name must not keep the others from being served
            log.exception("CustomResourceDefinition %s cannot be served", entry.name)

    def _take_over(self, entry: Entry) -> None:
        served = self._served.get(entry.name)
        summary = summary_of(entry)
        if served is not None and served.summary.uid != summary.uid:
            self._remove(entry.name)
            served = None
        if served is None:
            served = self._served[entry.name] = ServedResource(self.server, entry, summary, self._resolve_service)
        else:
            served.change(entry, summary)
        key = (summary.group, summary.names.plural)
        if summary.is_served:
            self.server.stores[key] = served.store(summary.storage.name)
        else:
            self.server.stores.pop(key, None)

    def _remove(self, name: str) -> None:
        served = self._served.pop(name, None)
        if served is None:
            return
        served.close()
        key = (served.summary.group, served.summary.names.plural)
        self.server.stores.pop(key, None)
        cacher = self.server.config.storage_factory.release_resource(*key)
        if cacher is not None:
            self.server.tasks.spawn(f"close watch cache of {name}", cacher.close())

    def _tell(self, group: str) -> None:
        for listener in self._listeners:
            listener(group)


def group_of(entry: Entry) -> str:
    """The group in a definition's name."""
    return entry.name.partition(".")[2]
