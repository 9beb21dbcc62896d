"""Sets right what was allocated: what services use is taken, what nobody uses is returned.

At the start, every few minutes, and at once for an IPAddress that goes while its service stays. Upstream:
ipallocator/controller/repairip.go, portallocator/controller/repair.go. Next: `hooks.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import StatusError
from kubern.apimachinery.validation import net
from kubern.storage.errors import StorageError
from kubern_kubeapi.allocation.cluster_ips import (
    ALLOCATOR_NAME,
    MANAGED_BY_LABEL,
    NETWORKING,
    ip_address_object,
)
from kubern_kubeapi.allocation.families import family_of
from kubern_kubeapi.groups.core.service_kind import HEADLESS, needs_cluster_ip, needs_health_check, node_ports

if TYPE_CHECKING:
    from kubern.storage.cacher.changes import Change
    from kubern_kubeapi.allocation.hooks import ServiceAllocation

logger = logging.getLogger(__name__)
Object = dict[str, Any]
SECONDS_BETWEEN = 180
GRACE_SECONDS = 60
"""An address is taken before its service is stored; until then it may look like an orphan."""
ROUNDS_BEFORE_RELEASE = 3
"""A port is taken before its service is stored; what is no leak is in use a round later."""


class AllocationRepair:
    """Compares services with IPAddress objects and with the bitmap of node ports."""

    def __init__(self, allocation: ServiceAllocation) -> None:
        self._allocation = allocation
        self._client = allocation.client
        self._suspects: dict[int, int] = {}
        self._gone: asyncio.Queue[Object] = asyncio.Queue()

    async def start(self) -> None:
        """One whole round; follow the addresses from here on. Raises StatusError, StorageError."""
        cacher = self._client.store(NETWORKING, "ipaddresses").cacher
        await cacher.ready()
        await self.repair()
        cacher.subscribe(self._note)

    def _note(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.entry is None and change.prev is not None:
                self._gone.put_nowait(change.prev.decode())

    async def run(self) -> None:
        """Work until cancelled."""
        await asyncio.gather(self._run_rounds(), self._follow())

    async def _run_rounds(self) -> None:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN)
            try:
                await self.repair()
            except (StatusError, StorageError) as error:
                logger.warning("Allocated addresses and ports could not be repaired, trying again: %s", error)

    async def _follow(self) -> None:
        while True:
            address = await self._gone.get()
            try:
                await self.restore(address)
            except (StatusError, StorageError) as error:
                logger.warning("The address %s could not be restored: %s", address["metadata"]["name"], error)

    async def repair(self) -> None:
        """One whole round. Raises StatusError, StorageError."""
        services = await self._client.list("", "services")
        await self._repair_ports(services)
        for service in services:
            for name in cluster_ips(service):
                await self._repair_address(service, name)
        for address in await self._client.list(NETWORKING, "ipaddresses"):
            await self._repair_owner(address)

    # ---------------------------------------------------------------- addresses

    async def restore(self, address: Object) -> None:
        """Bring back an IPAddress that was deleted although its service goes on. Raises StatusError."""
        service = await self._owner(address)
        name = address["metadata"]["name"]
        if service is not None and name in cluster_ips(service):
            await self._repair_address(service, name)

    async def _repair_address(self, service: Object, name: str) -> None:
        """The IPAddress of one of a service's cluster IPs names that service."""
        meta = service["metadata"]
        namespace, owner = meta.get("namespace", ""), meta["name"]
        if not await self._in_range(name):
            logger.warning("The cluster IP %s of %s/%s is in no service range", name, namespace, owner)
            return
        found = await self._client.get(NETWORKING, "ipaddresses", "", name)
        wanted = ip_address_object(name, namespace, owner)
        if found is not None:
            if _ref(found) == _ref(wanted):
                await self._repair_labels(found, wanted)
                return
            other = await self._owner(found)
            if other is not None and name in cluster_ips(other):
                logger.warning("The cluster IP %s of %s/%s belongs to another service", name, namespace, owner)
                return
            await self._client.delete(NETWORKING, "ipaddresses", "", name)
        logger.info("The cluster IP %s of %s/%s was not allocated; repairing", name, namespace, owner)
        try:
            await self._client.create(NETWORKING, "ipaddresses", wanted)
        except StatusError as error:
            if error.reason != "AlreadyExists":
                raise

    async def _in_range(self, name: str) -> bool:
        allocator = self._allocation.cluster_ips.get(family_of(name))
        return allocator is not None and await allocator.covers(name)

    async def _repair_labels(self, found: Object, wanted: Object) -> None:
        labels = wanted["metadata"]["labels"]
        if labels.items() <= (found["metadata"].get("labels") or {}).items():
            return

        def change(address: Object) -> None:
            address["metadata"].setdefault("labels", {}).update(labels)

        await self._client.update(NETWORKING, "ipaddresses", "", found["metadata"]["name"], change)

    async def _repair_owner(self, address: Object) -> None:
        """An IPAddress of ours that no service uses, and not only just made, goes."""
        meta = address["metadata"]
        if (meta.get("labels") or {}).get(MANAGED_BY_LABEL) != ALLOCATOR_NAME or is_young(meta):
            return
        service = await self._owner(address)
        if service is not None and meta["name"] in cluster_ips(service):
            return
        logger.info("The address %s appears to have leaked: cleaning up", meta["name"])
        await self._client.delete(NETWORKING, "ipaddresses", "", meta["name"])

    async def _owner(self, address: Object) -> Object | None:
        group, resource, namespace, name = _ref(address)
        if (group, resource) != ("", "services"):
            return None
        return await self._client.get("", "services", namespace, name)

    # ---------------------------------------------------------------- node ports

    async def _repair_ports(self, services: Iterable[Object]) -> None:
        """Take what is in use at once; return what is not after it was seen so several times."""
        used = {port for service in services for port in ports_of(service)}
        taken = await self._allocation.ports.taken()
        if used - taken:
            logger.info("Node ports %s were not allocated; repairing", sorted(used - taken))
            await self._allocation.ports.mark(used - taken)
        suspects = {port: self._suspects.get(port, 0) + 1 for port in taken - used}
        leaked = [port for port, rounds in suspects.items() if rounds >= ROUNDS_BEFORE_RELEASE]
        if leaked:
            logger.info("Node ports %s appear to have leaked: cleaning up", sorted(leaked))
            await self._allocation.ports.release(leaked)
        self._suspects = {port: rounds for port, rounds in suspects.items() if rounds < ROUNDS_BEFORE_RELEASE}


def cluster_ips(service: Object) -> list[str]:
    """The addresses that a service holds, in the form of IPAddress names."""
    spec = service.get("spec") or {}
    if not needs_cluster_ip(spec):
        return []
    parsed = (net.parse_ip(text) for text in spec.get("clusterIPs") or () if text != HEADLESS)
    return [str(address) for address in parsed if address is not None]


def ports_of(service: Object) -> list[int]:
    """The node ports that a service holds, the health check's among them."""
    spec = service.get("spec") or {}
    ports = node_ports(spec)
    if needs_health_check(spec) and spec.get("healthCheckNodePort"):
        ports.append(spec["healthCheckNodePort"])
    return ports


def is_young(meta: Object) -> bool:
    """Whether an object may be of a write that is still going on."""
    created = meta.get("creationTimestamp")
    return not created or (datetime.now(UTC) - datetime.fromisoformat(created)).total_seconds() < GRACE_SECONDS


def _ref(address: Object) -> tuple[str, str, str, str]:
    ref = (address.get("spec") or {}).get("parentRef") or {}
    return (ref.get("group", ""), ref.get("resource", ""), ref.get("namespace", ""), ref.get("name", ""))
