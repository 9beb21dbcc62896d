"""How many watches an event would go to (upstream: flowcontrol/watch_tracker.go); next: `work_estimator.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubern.request import RequestInfo

_Key = tuple[str, str, str, str]


class WatchCounts:
    """Running watches by group, resource, namespace and name, where "" is all of them."""

    def __init__(self) -> None:
        self._counts: dict[_Key, int] = {}

    def add(self, info: RequestInfo) -> _Key:
        """A watch begins; hand the answer to `remove` when it ends."""
        key = (info.api_group, info.resource, info.namespace, info.name)
        self._counts[key] = self._counts.get(key, 0) + 1
        return key

    def remove(self, key: _Key) -> None:
        """A watch has ended."""
        left = self._counts[key] - 1
        if left:
            self._counts[key] = left
        else:
            del self._counts[key]

    def interested(self, info: RequestInfo) -> int:
        """Watches that see what a write changes."""
        counts = self._counts
        if not counts:
            return 0
        group, resource, namespace, name = info.api_group, info.resource, info.namespace, info.name
        places = {(namespace, name), (namespace, ""), ("", name), ("", "")}
        return sum(counts.get((group, resource, *place), 0) for place in places)
