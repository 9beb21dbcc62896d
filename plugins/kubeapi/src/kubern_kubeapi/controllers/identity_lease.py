"""Leases by which API servers know of each other, and the removal of those that nobody renews.

Upstream: controlplane/controller/apiserverleasegc and the lease controller of component-helpers. Next: `hooks.py`.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import socket
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from kubern.apimachinery.errors import StatusError
from kubern.client.loopback import LoopbackClient

logger = logging.getLogger(__name__)
Object = dict[str, Any]
GROUP, RESOURCE, NAMESPACE = "coordination.k8s.io", "leases", "kube-system"
IDENTITY_LABEL, IDENTITY = "apiserver.kubernetes.io/identity", "kube-apiserver"
LEASE_SECONDS = 3600
RENEW_SECONDS = 10
COLLECT_SECONDS = 3600


def identity(host: str) -> str:
    """A server's name among its replicas."""
    digest = hashlib.sha256(host.encode()).digest()[:16]
    return f"apiserver-{base64.b32encode(digest).decode().rstrip('=').lower()}"


class IdentityLease:
    """kube-system's lease of this server, renewed while it runs."""

    def __init__(self, client: LoopbackClient) -> None:
        self.client = client
        self.host = socket.gethostname()
        self.name = identity(self.host)
        self.holder = f"{self.name}_{uuid.uuid4()}"

    async def renew(self) -> None:
        """Create or prolong the lease. Raises StatusError."""
        if await self.client.get(GROUP, RESOURCE, NAMESPACE, self.name) is not None:
            await self.client.update(GROUP, RESOURCE, NAMESPACE, self.name, self._renewed)
            return
        lease: Object = {"metadata": {"name": self.name, "namespace": NAMESPACE}}
        self._renewed(lease)
        await self.client.create(GROUP, RESOURCE, lease)

    def _renewed(self, lease: Object) -> None:
        labels = lease["metadata"].setdefault("labels", {})
        labels.update({IDENTITY_LABEL: IDENTITY, "kubernetes.io/hostname": self.host})
        spec = lease.setdefault("spec", {})
        spec.setdefault("holderIdentity", self.holder)
        spec.setdefault("leaseDurationSeconds", LEASE_SECONDS)
        spec["renewTime"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    async def run(self) -> None:
        """Renew for ever."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                await self.renew()
            except StatusError as error:
                logger.warning("The identity lease could not be renewed: %s", error.message)


def is_expired(lease: Object, now: datetime) -> bool:
    """Whether the holder has missed its time; a lease that says nothing of it counts as such."""
    spec = lease.get("spec") or {}
    seconds, renewed = spec.get("leaseDurationSeconds"), spec.get("renewTime")
    if seconds is None or not renewed:
        return True
    return datetime.fromisoformat(renewed) + timedelta(seconds=seconds) < now


async def collect_expired(client: LoopbackClient) -> None:
    """Delete the leases of servers that are gone. Raises StatusError."""
    for lease in await client.list(GROUP, RESOURCE, NAMESPACE):
        meta = lease["metadata"]
        if (meta.get("labels") or {}).get(IDENTITY_LABEL) == IDENTITY and is_expired(lease, datetime.now(UTC)):
            logger.info("Deleting the identity lease %s, which nobody renews", meta["name"])
            await client.delete(GROUP, RESOURCE, NAMESPACE, meta["name"])


async def keep_collecting(client: LoopbackClient) -> None:
    """Collect for ever, at once and every hour."""
    while True:
        try:
            await collect_expired(client)
        except StatusError as error:
            logger.warning("Expired identity leases could not be deleted: %s", error.message)
        await asyncio.sleep(COLLECT_SECONDS)
