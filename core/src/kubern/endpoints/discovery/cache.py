"""Discovery documents kept as bytes: a group's are made again when the group changes, lists when any group does.

Next: `handlers.py`.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import orjson

from kubern.endpoints.discovery import documents
from kubern.endpoints.discovery.documents import GroupDocument

if TYPE_CHECKING:
    from kubern.apimachinery.resource import APIGroupInfo


@dataclasses.dataclass(frozen=True, slots=True)
class Document:
    """A JSON document and its entity tag (without quotes)."""

    body: bytes
    etag: str

    @staticmethod
    def of(value: Any) -> Document:
        body = orjson.dumps(value)
        return Document(body + b"\n", hashlib.sha512(body).hexdigest().upper())


class DiscoveryCache:
    """The documents of the groups that `declared` names, and of groups set by hand (an aggregator's remote ones).

    A group set by hand hides a declared one of the same name. Nothing is built before it is asked for.
    """

    def __init__(self, declared: Callable[[], Iterable[APIGroupInfo]]) -> None:
        self._declared = declared
        self._set: dict[str, GroupDocument] = {}
        self._groups: dict[str, GroupDocument] | None = None
        self._documents: dict[tuple[str, ...], Document] = {}
        self._registered: Callable[[], list[GroupDocument]] | None = None

    def set_group(self, document: GroupDocument) -> None:
        """Show a group that no member declares, or show a declared one differently."""
        self._set[document.group] = document
        self._forget(document.group)

    def remove_group(self, group: str) -> None:
        """Take back `set_group`."""
        self._set.pop(group, None)
        self._forget(group)

    def invalidate(self, group: str) -> None:
        """A group's declaration changed."""
        self._forget(group)

    def set_registered(self, registered: Callable[[], list[GroupDocument]]) -> None:
        """Let an aggregator say which groups, versions and order the plain documents have.

        Called again whenever that changed. What it does not name is shown as declared at /apis/GROUP alone.
        """
        self._registered = registered
        self._documents = {key: d for key, d in self._documents.items() if key[0] not in ("groups", "group")}

    def _forget(self, group: str) -> None:
        self._groups = None
        self._documents = {key: d for key, d in self._documents.items() if len(key) > 1 and key[1] != group}

    def declared_group(self, group: str) -> GroupDocument | None:
        """A group as the chain's members declare it, whatever is set by hand."""
        infos = [info for info in self._declared() if info.group == group]
        return documents.group_document(infos) if infos else None

    def groups(self) -> dict[str, GroupDocument]:
        """All groups with at least one version, by name."""
        if self._groups is None:
            parts: dict[str, list[APIGroupInfo]] = {}
            for info in self._declared():
                parts.setdefault(info.group, []).append(info)
            found = {group: documents.group_document(infos) for group, infos in parts.items()}
            found.update(self._set)
            self._groups = {group: document for group, document in found.items() if document.versions}
        return self._groups

    def group_list(self) -> Document:
        """/apis"""

        def build() -> documents.Object:
            if self._registered is None:
                return documents.api_group_list(documents.by_registration(self._named_groups()))
            return documents.api_group_list(self._registered())

        return self._keep(("groups",), build)

    def aggregated_groups(self) -> Document:
        """/apis as APIGroupDiscoveryList"""
        return self._keep(("aggregated",), lambda: documents.aggregated_list(self._named_groups()))

    def aggregated_core(self) -> Document:
        """/api as APIGroupDiscoveryList"""
        core = [d for d in self.groups().values() if not d.group]
        return self._keep(("aggregated core",), lambda: documents.aggregated_list(core))

    def group(self, name: str) -> Document | None:
        """/apis/GROUP"""
        registered = self._registered() if self._registered is not None else []
        found = next((one for one in registered if one.group == name), None) or self.groups().get(name)
        if found is None:
            return None
        return self._keep(("group", name), lambda: documents.single_api_group(found))

    def resources(self, group: str, version: str) -> Document | None:
        """/apis/GROUP/VERSION, for the core group /api/VERSION"""
        found = self.groups().get(group)
        document = found.version(version) if found is not None else None
        if document is None:
            return None
        return self._keep(("resources", group, version), lambda: documents.api_resource_list(group, document))

    def _named_groups(self) -> list[GroupDocument]:
        return documents.by_priority(d for d in self.groups().values() if d.group)

    def _keep(self, key: tuple[str, ...], build: Callable[[], Any]) -> Document:
        document = self._documents.get(key)
        if document is None:
            document = self._documents[key] = Document.of(build())
        return document
