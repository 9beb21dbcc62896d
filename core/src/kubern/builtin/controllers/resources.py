"""What both controllers need to know of the chain: its stores, and which store has a kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubern.registry.store import ResourceStore
    from kubern.server import GenericAPIServer


def all_stores(server: GenericAPIServer) -> Iterator[ResourceStore]:
    """The store of every resource whose objects can be deleted, each once."""
    seen: set[tuple[str, str]] = set()
    for member in server.config.outermost.chain():
        for key, store in list(member.stores.items()):
            if key not in seen and "delete" in store.definition.verbs:
                seen.add(key)
                yield store


def store_of_kind(server: GenericAPIServer, api_version: str, kind: str) -> ResourceStore | None:
    """The store of a kind, whatever version an owner reference names."""
    group = api_version.rpartition("/")[0]
    for store in all_stores(server):
        if store.definition.group == group and store.definition.kind == kind:
            return store
    return None
