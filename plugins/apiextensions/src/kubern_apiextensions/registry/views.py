"""The watch cache of a custom resource as one of its versions sees it.

A `VersionView` stands where the generic store has its `Cacher`: reads and events come in the version, writes go to the
storage version. Next: `conversions.py` for how objects are turned, `watching.py` for watches, `store.py` for the user.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from kubern.apimachinery.errors import StatusError
from kubern.storage.cacher import EVERYTHING, Entry, ListResult, Selection
from kubern.storage.interface import KV
from kubern_apiextensions.registry.conversions import Conversions
from kubern_apiextensions.registry.watching import VersionWatch, make_filter

if TYPE_CHECKING:
    from kubern.storage.cacher.cacher import OnChanges
    from kubern.storage.cacher.codec import Attributes

FieldsOf = Callable[[dict[str, Any]], Mapping[str, str]]
_FIELDS: Final = "fields of"


class VersionSelection(Selection):
    """A selection whose selectors look at objects as a version shows them."""

    view: VersionView

    def matches(self, entry: Entry) -> bool:
        view = self.view
        try:
            shown = view.conversions.shown_now(entry, view.api_version) or entry
        except StatusError:  # stored in a version that is gone: nobody can be shown it
            return False
        return view.matches(self, shown)


class VersionView:
    """One version of a resource, for requests of one generation of the definition.

    `fields_of` gives the selectable fields of an object in this version, None when there are none.
    """

    def __init__(self, conversions: Conversions, api_version: str, fields_of: FieldsOf | None) -> None:
        self.conversions = conversions
        self.api_version = api_version
        self.cacher = conversions.cacher
        self.codec = self.cacher.codec
        self._fields_of = fields_of
        self._generation = conversions.generation

    # ---------------------------------------------------------------- as a Cacher

    @property
    def revision(self) -> int:
        return self.cacher.revision

    @property
    def is_ready(self) -> bool:
        return self.cacher.is_ready

    @property
    def index(self) -> Any:
        """What is stored, unconverted."""
        return self.cacher.index

    async def ready(self) -> None:
        await self.cacher.ready()

    def entries(self) -> Mapping[str, Entry]:
        """What is stored, unconverted."""
        return self.cacher.entries()

    def subscribe(self, on_changes: OnChanges) -> Callable[[], None]:
        """Changes of what is stored, unconverted."""
        return self.cacher.subscribe(on_changes)

    async def get(self, key: str, resource_version: str = "") -> Entry | None:
        """See `Cacher.get`. Raises StatusError 500 when the object cannot be converted."""
        entry = await self.cacher.get(key, resource_version)
        return None if entry is None else await self.shown(entry)

    async def list(
        self,
        selection: Selection = EVERYTHING,
        *,
        resource_version: str = "",
        match: str = "",
        limit: int = 0,
        continue_token: str = "",
    ) -> ListResult:
        """See `Cacher.list`. Raises StatusError 500 when an object cannot be converted."""
        if self.conversions.is_remote and not selection.everything:
            await self.cacher.ready()
            await self.conversions.shown(list(self.cacher.entries().values()), self.api_version)
        page = await self.cacher.list(
            self.selection(selection),
            resource_version=resource_version,
            match=match,
            limit=limit,
            continue_token=continue_token,
        )
        return page._replace(entries=await self.conversions.shown(page.entries, self.api_version))

    async def watch(
        self,
        selection: Selection = EVERYTHING,
        *,
        resource_version: str = "",
        send_initial_events: bool | None = None,
        allow_bookmarks: bool = False,
        timeout: float | None = None,
    ) -> VersionWatch:
        """See `Cacher.watch`. With a webhook the selectors are applied behind the cache, to converted objects."""
        filter = None
        below = self.selection(selection)
        if self.conversions.is_remote and not selection.everything:
            filter = await make_filter(self, selection, resource_version, send_initial_events)
            below = Selection(selection.namespace, selection.name)
        watcher = await self.cacher.watch(
            below,
            resource_version=resource_version,
            send_initial_events=send_initial_events,
            allow_bookmarks=allow_bookmarks,
            timeout=timeout,
        )
        return VersionWatch(self.conversions, self.api_version, watcher, filter)

    async def is_stale(self, entry: Entry) -> bool:
        """Whether writing a shown object again, unchanged, would store something else than there is."""
        stored = self.cacher.entries().get(entry.key)
        if stored is None or stored.mod_rev != entry.mod_rev:
            return True
        if stored is not entry and await self.conversions.stored(entry.value, self.api_version) != stored.value:
            return True
        return await self.cacher.is_stale(stored)

    async def create(self, key: str, value: bytes, *, attributes: Attributes | None = None, ttl: int = 0) -> Entry:
        """See `Cacher.create`; `value` is in this version, and so is the entry."""
        stored = await self.conversions.stored(value, self.api_version)
        return await self._written(await self.cacher.create(key, stored, ttl=ttl))

    async def update(
        self, key: str, value: bytes, expect: int, *, attributes: Attributes | None = None, ttl: int = 0
    ) -> Entry:
        """See `Cacher.update`; `value` is in this version, and so is the entry."""
        stored = await self.conversions.stored(value, self.api_version)
        return await self._written(await self.cacher.update(key, stored, expect, ttl=ttl))

    async def delete(self, key: str, expect: int) -> Entry:
        """See `Cacher.delete`; the entry is as it was stored."""
        return await self.cacher.delete(key, expect)

    # ---------------------------------------------------------------- conversion

    async def shown(self, entry: Entry) -> Entry:
        """An entry of the cache in this version. Raises StatusError 500."""
        conversions = self.conversions
        return conversions.shown_now(entry, self.api_version) or (await conversions.shown([entry], self.api_version))[0]

    async def current(self, kv: KV) -> Entry:
        """A value of the store in this version. Raises StatusError 500."""
        return await self.shown(self.cacher.entry_of(kv))

    @property
    def keeps(self) -> bool:
        """What is written is what is read afterwards."""
        return self.conversions.stores_as(self.api_version)

    async def stored_and_shown(self, key: str, value: bytes) -> Entry:
        """What readers would get of a value if it were written (dry runs)."""
        stored = await self.conversions.stored(value, self.api_version)
        return await self.shown(self.codec.entry(key, 0, stored))

    async def _written(self, entry: Entry) -> Entry:
        if self._generation != self.conversions.generation:
            self.conversions.wrote_outdated(entry)
        return await self.shown(entry)

    # ---------------------------------------------------------------- selection

    def selection(self, selection: Selection) -> Selection:
        """The same selection for the cache below, where objects may be in other versions."""
        if selection.everything or (selection.fields is None and not self.conversions.is_remote):
            return selection
        below = VersionSelection(*selection)
        below.view = self
        return below

    def matches(self, selection: Selection, shown: Entry) -> bool:
        """Whether a shown entry passes the selectors."""
        if selection.labels is not None and not selection.labels(shown.labels):
            return False
        if selection.fields is None:
            return True
        if self._fields_of is None:
            return selection.fields(shown.field_set())
        if shown.encoded is None:
            shown.encoded = {}
        kept = shown.encoded.get((_FIELDS, self.api_version))
        if kept is None or kept[0] != self._generation:
            fields = {**shown.field_set(), **self._fields_of(orjson.loads(shown.value))}
            kept = shown.encoded[_FIELDS, self.api_version] = (self._generation, fields)
        return selection.fields(kept[1])
