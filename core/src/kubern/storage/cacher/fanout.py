"""Which watchers a change is offered to: only those of its namespace and name; next: `watcher.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kubern.storage.cacher.changes import Change
from kubern.storage.cacher.watcher import CacheWatcher

Scope = tuple[str, str]
"""Namespace and name; "" means all of them."""

_ALL: Scope = ("", "")


class Fanout:
    """Watchers by scope. Offering a change costs the watchers interested in it, not those that exist."""

    def __init__(self) -> None:
        self._scopes: dict[Scope, dict[CacheWatcher, None]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._scopes.values()))

    def __iter__(self) -> Iterator[CacheWatcher]:
        for watchers in list(self._scopes.values()):
            yield from list(watchers)

    def add(self, watcher: CacheWatcher) -> None:
        scope = (watcher.selection.namespace, watcher.selection.name)
        self._scopes.setdefault(scope, {})[watcher] = None

    def remove(self, watcher: CacheWatcher) -> None:
        scope = (watcher.selection.namespace, watcher.selection.name)
        watchers = self._scopes.get(scope)
        if watchers is not None:
            watchers.pop(watcher, None)
            if not watchers:
                del self._scopes[scope]

    def offer(self, changes: Iterable[Change]) -> None:
        """Hand changes to the watchers whose scope they are in, in order."""
        scopes = self._scopes
        if not scopes:
            return
        for change in changes:
            namespace, name = change.namespace, change.name
            around = (_ALL, (namespace, ""), (namespace, name), ("", name)) if namespace else (_ALL, ("", name))
            for scope in around:
                for watcher in tuple(scopes.get(scope, ())):  # a slow one may leave while being offered
                    watcher.offer(change)
