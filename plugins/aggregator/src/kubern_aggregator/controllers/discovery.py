"""Keeps the group documents of discovery in step with APIServices (upstream: DiscoveryManager and apisHandler).

Groups with versions served elsewhere, and groups registered by hand, are shown as their APIServices say; all others
stay as their declarations say. What a remote version holds is asked from its server; when that is away, what was
learned last is shown as stale. Next: core's `endpoints/discovery/cache.py`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from kubern.endpoints.discovery.documents import GroupDocument, VersionDocument
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

    def _changed(self, name: str) -> None:
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
        declared = self.cache.declared_group(group)
        known = {v.version for v in declared.versions} if declared is not None else set()
        if all(not one.remote and one.version in known for one in services):
            if group in self._shown:
                self._shown.discard(group)
                self.cache.remove_group(group)
            return
        versions = tuple(self._version(one, declared) for one in services)
        priority = max(one.spec.get("groupPriorityMinimum", 0) for one in services)
        self._shown.add(group)
        fixed = declared is not None and declared.fixed
        self.cache.set_group(GroupDocument(group, versions, priority, fixed))

    def _version(self, one: Registered, declared: GroupDocument | None) -> VersionDocument:
        if not one.remote:
            found = declared.version(one.version) if declared is not None else None
            return found or VersionDocument(one.version, [], [], "Stale")
        resources, current = self._learned.get(one.name, ([], False))
        return VersionDocument(one.version, [], resources, "Current" if current and one.available else "Stale")

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
    for group in document.get("items") or ():
        if group.get("metadata", {}).get("name", "") == one.group:
            for version in group.get("versions") or ():
                if version.get("version") == one.version:
                    return version.get("resources") or []
    return None
