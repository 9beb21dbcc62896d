"""Objects of one custom resource as they are stored, and as each version shows them.

Upstream makes a store and a watch cache per version, each with a codec that prunes, defaults and converts
(crdConversionRESTOptionsGetter). Here all versions share one watch cache: an object that was written in the version it
is stored in, under the schema that still applies, is shown as the bytes it is; any other is converted when somebody
looks at it, and remembered. Next: `views.py`, which stands in front of the watch cache.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import orjson

from kubern.registry.encoding import encode_stored
from kubern.registry.errors import plain_error
from kubern.storage.cacher import Entry
from kubern_apiextensions.schema.objectmeta import MalformedField

if TYPE_CHECKING:
    from kubern.storage.cacher import Cacher
    from kubern_apiextensions.conversion.none import Converter
    from kubern_apiextensions.registry.version import CustomResourceVersion

Object = dict[str, Any]
_AT_ONCE: Final = 100
"""Conversions in a row before others get their turn on the event loop."""


class Conversions:
    """How the objects of one resource turn into each of its versions; changed when the definition changes."""

    def __init__(self, cacher: Cacher) -> None:
        self.cacher = cacher
        self.versions: Mapping[str, CustomResourceVersion] = {}
        self.served: frozenset[str] = frozenset()
        self.generation = 0
        self._converter: Converter
        self._storage: CustomResourceVersion
        self._clean_after = 0

    def change(
        self,
        versions: Mapping[str, CustomResourceVersion],
        served: frozenset[str],
        storage: str,
        converter: Converter,
        revision: int,
    ) -> None:
        """Take over a definition's `versions` by apiVersion; `storage` is what is stored from now on.

        `revision` is that of the definition if schemas changed, else 0.
        """
        self.versions = versions
        self.served = served
        self.generation += 1
        self._storage = versions[storage]
        self._converter = converter
        self._clean_after = max(self._clean_after, revision)

    def wrote_outdated(self, entry: Entry) -> None:
        """`entry` was written by a request that began before the last change."""
        self._clean_after = max(self._clean_after, entry.mod_rev)

    @property
    def is_remote(self) -> bool:
        """Conversion asks a webhook."""
        return self._converter.is_remote

    def stores_as(self, api_version: str) -> bool:
        """Objects of a version are stored as they are."""
        return self._storage.api_version == api_version

    # ---------------------------------------------------------------- as shown

    def is_clean(self, entry: Entry, api_version: str) -> bool:
        """A stored object is what the version shows, to be told from its head. Not for entries of deletions."""
        return entry.head.api_version == api_version and entry.mod_rev > self._clean_after and self.cacher.is_local

    def shown_now(self, entry: Entry, api_version: str, deleted: bool = False) -> Entry | None:
        """The entry of a version for an entry of the cache, None when a webhook has to be asked.

        The entry of a deletion has the deletion's revision, which says nothing of its content. Raises StatusError 500.
        """
        if not deleted and self.is_clean(entry, api_version):
            return entry
        known = self._known(entry, api_version)
        if known is not None:
            return known
        source = entry.head.api_version
        if source != api_version and self.is_remote:
            return None
        if source != api_version and not deleted and self._differ_in_name_only(entry, api_version):
            return self.cacher.codec.entry(
                entry.key, entry.mod_rev, self._renamed(entry.value, entry.head.length, api_version)
            )
        obj = self._complete(entry)
        obj["apiVersion"] = api_version
        return self._remember(entry, api_version, self._finished(obj, source, api_version))

    async def shown(self, entries: Sequence[Entry], api_version: str) -> list[Entry]:
        """The entries of a version for entries of the cache; one question to the webhook at most. Raises StatusError 500."""
        found: list[Entry | None] = []
        for i, entry in enumerate(entries, 1):
            shown = self.shown_now(entry, api_version)
            found.append(shown)
            if shown is not entry and not i % _AT_ONCE:
                await asyncio.sleep(0)
        missing = [i for i, shown in enumerate(found) if shown is None]
        if missing:
            asked = await self._ask([entries[i] for i in missing], api_version)
            for i, shown in zip(missing, asked, strict=True):
                found[i] = shown
        return found  # type: ignore[return-value]

    async def shown_deleted(self, entry: Entry, api_version: str) -> Entry:
        """The same for the entry of a deletion."""
        return self.shown_now(entry, api_version, deleted=True) or (await self._ask([entry], api_version))[0]

    async def _ask(self, entries: list[Entry], api_version: str) -> list[Entry]:
        generation = self.generation
        converted = await self._converter.convert([self._complete(e) for e in entries], api_version)
        values = [
            self._finished(obj, entry.head.api_version, api_version)
            for entry, obj in zip(entries, converted, strict=True)
        ]
        if generation != self.generation:
            return [self.cacher.codec.entry(e.key, e.mod_rev, v) for e, v in zip(entries, values, strict=True)]
        return [self._remember(entry, api_version, value) for entry, value in zip(entries, values, strict=True)]

    def _complete(self, entry: Entry) -> Object:
        """A stored object in the version it is stored in. Raises StatusError 500."""
        obj: Object = orjson.loads(entry.value)
        source = self.versions.get(entry.head.api_version)
        if source is None:
            raise plain_error(f"request to convert CR from an invalid group/version: {entry.head.api_version}")
        source.complete_stored(obj)
        return obj

    def _finished(self, obj: Object, source: str, api_version: str) -> bytes:
        """The canonical bytes of a converted object. Raises StatusError 500."""
        if source != api_version:
            target = self.versions.get(api_version)
            if target is None:
                raise plain_error(f"request to convert CR to an invalid group/version: {api_version}")
            try:
                target.convert_walk(obj)
            except MalformedField as error:
                raise plain_error(str(error)) from None
        return encode_stored(obj)

    # What a version shows of an entry is kept with the entry, for one generation of the definition.

    def _known(self, entry: Entry, api_version: str) -> Entry | None:
        kept = entry.encoded.get(("shown", api_version)) if entry.encoded else None
        return kept[1] if kept is not None and kept[0] == self.generation else None

    def _remember(self, entry: Entry, api_version: str, value: bytes) -> Entry:
        shown = entry if value == entry.value else self.cacher.codec.entry(entry.key, entry.mod_rev, value)
        if entry.encoded is None:
            entry.encoded = {}
        entry.encoded["shown", api_version] = (self.generation, shown)
        return shown

    # ---------------------------------------------------------------- as stored

    async def stored(self, value: bytes, api_version: str) -> bytes:
        """The bytes to store of a version's canonical bytes. Raises StatusError 500."""
        target = self._storage.api_version
        if target == api_version:
            return value
        source = self.versions.get(api_version)
        if source is not None and source.shape == self._storage.shape and not self.is_remote:
            return self._renamed(value, value.index(b'","metadata":{') + 14, target)
        [obj] = await self._converter.convert([orjson.loads(value)], target)
        return self._finished(obj, api_version, target)

    def _differ_in_name_only(self, entry: Entry, api_version: str) -> bool:
        """Nothing but apiVersion changes on the way from a clean entry to a version."""
        source, target = self.versions.get(entry.head.api_version), self.versions.get(api_version)
        return (
            source is not None
            and target is not None
            and source.shape == target.shape
            and self.is_clean(entry, source.api_version)
        )

    def _renamed(self, value: bytes, head_length: int, api_version: str) -> bytes:
        kind = self._storage.kind
        head = b'{"kind":"%b","apiVersion":"%b","metadata":{' % (kind.encode(), api_version.encode())
        return head + value[head_length:]
