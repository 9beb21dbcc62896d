"""Live look-ups of what tokens are bound to: watch caches first, the store for what they do not have.

Upstream: controller/serviceaccount/tokengetter.go.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import StatusError
from kubern.client.loopback import LoopbackClient
from kubern.registry.before import parse_time

if TYPE_CHECKING:
    from kubern.config import CompletedConfig
    from kubern.storage.cacher import Entry

Object = dict[str, Any]
logger = logging.getLogger(__name__)
_MAX_DECODED = 4096


class BoundObjects:
    """Service accounts, secrets, pods and nodes."""

    def __init__(self, config: CompletedConfig) -> None:
        self._config = config
        self._decoded: dict[str, tuple[Entry, Object]] = {}

    async def find(self, resource: str, namespace: str, name: str) -> Object | None:
        """The object's metadata and, for secrets, data; None when there is none. Not to be changed."""
        store = self._config.outermost.find_store("", resource)
        if store is None or not name:
            return None
        key = store.key(namespace, name)
        entry = store.cacher.entries().get(key) or await store.cacher.get(key)
        if entry is None:
            self._decoded.pop(key, None)
            return None
        known = self._decoded.get(key)
        if known is not None and known[0] is entry:
            return known[1]
        if len(self._decoded) >= _MAX_DECODED:
            self._decoded.clear()
        obj = entry.decode()
        kept: Object = {key: obj[key] for key in ("metadata", "type", "data", "secrets") if key in obj}
        self._decoded[key] = (entry, kept)
        return kept

    async def label(self, secret: Object, key: str, value: str) -> None:
        """Set a label of a secret, if it is still the same one; what keeps that from happening is logged."""
        meta = secret["metadata"]

        def change(obj: Object) -> None:
            if obj["metadata"].get("uid") == meta.get("uid"):
                obj["metadata"].setdefault("labels", {})[key] = value

        client = LoopbackClient(self._config.outermost)
        try:
            await client.update("", "secrets", meta["namespace"], meta["name"], change)
        except StatusError as error:
            logger.error("The label %s of a service account token is not kept: %s", key, error)


def is_deleted(obj: Object, before: float) -> bool:
    """Whether the object is on its way out since before a moment."""
    timestamp = obj["metadata"].get("deletionTimestamp")
    return timestamp is not None and parse_time(timestamp).timestamp() < before
