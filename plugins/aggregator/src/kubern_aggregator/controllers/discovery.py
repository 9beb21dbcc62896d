"""Keeps the group documents of discovery in step with APIServices (upstream: DiscoveryManager and apisHandler).

The plain documents show what is registered. In the aggregated ones groups with versions served elsewhere are shown as
their APIServices say, all others as they are declared. What a remote version holds is asked from its server; when that is away, what was
learned last is shown as stale. Next: core's `kubern/endpoints/discovery/cache.py`.
"""

from __future__ import annotations

import asyncio
from itertools import chain
from typing import TYPE_CHECKING, Any

from kubern.endpoints.discovery.documents import GroupDocument, VersionDocument
from kubern_aggregator.api.apiservice import GROUP
from kubern_aggregator.controllers.discovery_legacy import discovered_resources
from kubern_aggregator.controllers.refreshing import Refreshing
from kubern_aggregator.fetch import FETCH_ERRORS, fetch

if TYPE_CHECKING:
    from kubern.endpoints.discovery.cache import DiscoveryCache
    from kubern_aggregator.registry import Registered, Registry
    from kubern_aggregator.upstream import Upstreams

Object = dict[str, Any]
_FETCH_SECONDS = 5.0
_ACCEPT = (
    b"application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    b"application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
)


class RemoteDiscovery:
    """The controller."""

    def __init__(self, cache: DiscoveryCache, registry: Registry, upstreams: Upstreams) -> None:
        self.cache = cache
        self.registry = registry
        self.upstreams = upstreams
        self._learned: dict[str, tuple[list[Object], bool]] = {}
        """By APIService: what its server offers, and whether that is of its last answer."""
        self._shown: set[str] = set()
        self._names: dict[str, str] = {}
        self.refreshing = Refreshing(registry, self._learn)

    def start(self) -> None:
        """Show all groups and follow APIServices from then on."""
        self.registry.on_change(self._changed)
        for name in self.registry.all:
            self._changed(name)
        self.cache.set_registered(self._registered)

    def _registered(self) -> list[GroupDocument]:
        """The groups of the plain documents: this one, which has no APIService, then what is registered."""
        own = self.cache.declared_group(GROUP)
        found = [own] if own is not None else []
        for services in self.registry.by_preference():
            if services[0].group:
                versions = tuple(VersionDocument(one.version, [], []) for one in services)
                found.append(GroupDocument(services[0].group, versions))
        return found

    def _changed(self, name: str) -> None:
        self.cache.set_registered(self._registered)
        one = self.registry.all.get(name)
        if one is not None:
            self._names[name] = one.group
        group = self._names.get(name)
        if one is None:
            self._names.pop(name, None)
            self._learned.pop(name, None)
        if group is not None:
            self._show(group)
        if one is not None and one.remote:
            self.refreshing.add(name)

    def group_changed(self, group: str) -> None:
        """A member declares a group differently: what was shown of it may be out of date."""
        self._show(group)

    def _show(self, group: str) -> None:
        """Set or take back one group's document."""
        services = self.registry.of_group(group)
        if not any(one.remote for one in services):
            if group in self._shown:
                self._shown.discard(group)
                self.cache.remove_group(group)
            return
        declared = self.cache.declared_group(group)
        versions = self._versions(services, declared)
        priority = max(one.spec.get("groupPriorityMinimum", 0) for one in services)
        self._shown.add(group)
        fixed = declared is not None and declared.fixed
        self.cache.set_group(GroupDocument(group, versions, priority, fixed))

    def _versions(self, services: list[Registered], declared: GroupDocument | None) -> tuple[VersionDocument, ...]:
        """Remote versions as learned and declared ones as declared; registered ones that nobody serves are not shown."""
        own = {version.version: version for version in declared.versions} if declared is not None else {}
        found = []
        for one in services:
            if one.remote:
                resources, current = self._learned.get(one.name, ([], False))
                fresh = current and one.available
                found.append(VersionDocument(one.version, [], resources, "Current" if fresh else "Stale"))
                own.pop(one.version, None)
            elif one.version in own:
                found.append(own.pop(one.version))
        return (*found, *own.values())

    async def _learn(self, name: str) -> None:
        one = self.registry.all.get(name)
        if one is None or not one.remote:
            return
        before = self._learned.get(name, ([], False))
        found = await self._fetch(one) if one.available else None
        if name in self.registry.all:
            after = self._learned[name] = (before[0], False) if found is None else (found, True)
            if after != before:
                self._show(one.group)

    async def _fetch(self, one: Registered) -> list[Object] | None:
        """What the server of an APIService offers in its version, None when it gives no answer."""
        try:
            async with asyncio.timeout(_FETCH_SECONDS):
                document = await fetch(self.upstreams, one, "/apis" if one.group else "/api", _ACCEPT)
                if document is not None and document.get("kind") == "APIGroupDiscoveryList":
                    return _resources_of(document, one)
                path = f"/apis/{one.group}/{one.version}" if one.group else f"/api/{one.version}"
                document = await fetch(self.upstreams, one, path)
        except FETCH_ERRORS:
            return None
        return discovered_resources(document, one.group, one.version) if document is not None else None


def _resources_of(document: Object, one: Registered) -> list[Object] | None:
    groups = [g for g in document.get("items") or () if g.get("metadata", {}).get("name", "") == one.group]
    versions = chain.from_iterable(group.get("versions") or () for group in groups)
    found = next((version for version in versions if version.get("version") == one.version), None)
    return None if found is None else found.get("resources") or []
