"""The APIServices as requests need them: which group-versions are served elsewhere, and whether they are available.

Upstream: the aggregator's handleAPIService and proxyHandler.updateAPIService. Next: `handlers/proxy.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kubern.util.kube_version import preference
from kubern_aggregator.api.apiservice import available_condition

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kubern.storage.cacher import Change
    from kubern.storage.cacher.cacher import Cacher

Object = dict[str, Any]
GroupVersion = tuple[str, str]


class Registered(NamedTuple):
    """One APIService, decoded once per change."""

    name: str
    group: str
    version: str
    spec: Object
    available: bool

    @property
    def remote(self) -> bool:
        return self.spec.get("service") is not None


class Registry:
    """All APIServices by name, and the remote ones by group-version."""

    def __init__(self) -> None:
        self.all: dict[str, Registered] = {}
        self.remote: dict[GroupVersion, Registered] = {}
        self._listeners: list[Callable[[str], None]] = []

    def on_change(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with the name of each APIService that changes."""
        self._listeners.append(listener)

    async def start(self, cacher: Cacher) -> None:
        """Take what is stored over, and follow it from then on."""
        await cacher.ready()
        cacher.subscribe(self._changed)
        for entry in cacher.entries().values():
            self._set(entry.decode())

    def _changed(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.entry is not None:
                self._set(change.entry.decode())
            else:
                self._remove(change.name)
            for listener in self._listeners:
                listener(change.name)

    def _set(self, obj: Object) -> None:
        spec = obj.get("spec", {})
        condition = available_condition(obj)
        available = condition is not None and condition.get("status") == "True"
        name = obj["metadata"]["name"]
        found = Registered(name, spec.get("group", ""), spec.get("version", ""), spec, available)
        self.all[name] = found
        if found.remote:
            self.remote[found.group, found.version] = found
        else:
            self.remote.pop((found.group, found.version), None)

    def _remove(self, name: str) -> None:
        gone = self.all.pop(name, None)
        if gone is not None:
            self.remote.pop((gone.group, gone.version), None)

    def by_preference(self) -> list[list[Registered]]:
        """All APIServices by group, groups and versions in the order of preference (SortedByGroupAndVersion)."""
        groups: dict[str, list[Registered]] = {}
        for one in sorted(self.all.values(), key=lambda one: (-one.spec.get("groupPriorityMinimum", 0), one.name)):
            groups.setdefault(one.group, []).append(one)
        return [sorted(services, key=_preference) for services in groups.values()]

    def of_group(self, group: str) -> list[Registered]:
        """A group's APIServices in the order of preference."""
        found = [one for one in self.all.values() if one.group == group]
        return sorted(found, key=_preference)


def _preference(one: Registered) -> tuple[Any, ...]:
    return (-one.spec.get("versionPriority", 0), preference(one.version))
