"""A watch of a custom resource in one version: the events of the shared cache, converted on their way out.

Next: `conversions.py`, which converts; `kubern/storage/cacher/watcher.py` for the watch below.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from kubern.apimachinery.errors import StatusError
from kubern.storage.cacher import CacheWatcher, Entry, Selection, WatchEvent

if TYPE_CHECKING:
    from kubern_apiextensions.registry.conversions import Conversions
    from kubern_apiextensions.registry.views import VersionView

log = logging.getLogger(__name__)


class Filter:
    """A selection applied to converted objects, for one reader: `known` is what the reader knows of, by key."""

    def __init__(self, matches: Callable[[Entry], bool], known: dict[str, Entry]) -> None:
        self.matches = matches
        self.known = known

    def seen(self, event: WatchEvent) -> WatchEvent | None:
        """What the reader sees of an event, None when nothing."""
        entry = event.entry
        assert entry is not None
        before = self.known.pop(entry.key, None)
        if event.type != "DELETED" and self.matches(entry):
            self.known[entry.key] = entry
            return event if before is not None or event.type == "ADDED" else WatchEvent("ADDED", entry, event.rev)
        if before is None:
            return None
        return event if event.type == "DELETED" else WatchEvent("DELETED", before.at_revision(event.rev), event.rev)


async def make_filter(
    view: VersionView, selection: Selection, resource_version: str, send_initial_events: bool | None
) -> Filter:
    """The filter of a watch that begins at a revision. Raises StorageError as the watch itself would."""
    known: dict[str, Entry] = {}
    exact = resource_version not in ("", "0")
    if send_initial_events is False or (send_initial_events is None and exact):
        page = await view.list(selection, resource_version=resource_version, match="Exact" if exact else "")
        known = {entry.key: entry for entry in page.entries}
    return Filter(lambda entry: view.matches(selection, entry), known)


class VersionWatch:
    """Stands where the verbs have a `CacheWatcher`.

    Goes on when the definition changes, and ends when the version is no longer served or an object cannot be converted. `filter`
    is there when the cache below cannot select.
    """

    def __init__(
        self,
        conversions: Conversions,
        api_version: str,
        watcher: CacheWatcher,
        filter: Filter | None,
    ) -> None:
        self._conversions = conversions
        self._api_version = api_version
        self._watcher = watcher
        self._filter = filter

    def stop(self) -> None:
        """End the watch; what is queued is still delivered."""
        self._watcher.stop()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[WatchEvent]:
        """Everything that is ready, at least one event."""
        while True:
            events = await self._watcher.__anext__()
            if self._api_version not in self._conversions.served:
                self._watcher.stop()
                raise StopAsyncIteration
            try:
                shown = [e for e in [await self._shown(event) for event in events] if e is not None]
            except StatusError as error:
                log.warning("a watch of %s ends: %s", self._api_version, error.message)
                self._watcher.stop()
                raise StopAsyncIteration from None
            if shown:
                return shown

    async def _shown(self, event: WatchEvent) -> WatchEvent | None:
        entry = event.entry
        if entry is None:
            return event
        deleted = event.type == "DELETED"
        if self._filter is None and not deleted and self._conversions.is_clean(entry, self._api_version):
            return event
        kept = event.encoded.get(("shown", self._api_version))
        if kept is None or kept[0] != self._conversions.generation:
            converted = WatchEvent(event.type, await self._converted(entry, deleted), event.rev)
            kept = event.encoded["shown", self._api_version] = (self._conversions.generation, converted)
        shown: WatchEvent = kept[1]
        return shown if self._filter is None else self._filter.seen(shown)

    async def _converted(self, entry: Entry, deleted: bool) -> Entry:
        if deleted:
            return await self._conversions.shown_deleted(entry, self._api_version)
        return (await self._conversions.shown([entry], self._api_version))[0]
