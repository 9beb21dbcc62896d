"""Events to a remote server, as lists (upstream: plugin/pkg/audit/webhook)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from kubern.remote.client import RemoteClient, RemoteError

Object = dict[str, Any]
logger = logging.getLogger(__name__)


class WebhookBackend:
    """Posts an EventList; failures are tried again by the client."""

    def __init__(self, client: RemoteClient) -> None:
        self._client = client

    async def write(self, events: Sequence[Object]) -> bool:
        """False when the server does not take them."""
        document = {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": list(events)}
        try:
            await self._client.deliver(document)
        except RemoteError as error:
            logger.error("cannot send audit events: %s", error)
            return False
        return True

    async def close(self) -> None:
        self._client.close()
