"""Cluster IPs: each allocated one is an IPAddress object that names its service (upstream: ipallocator.MetaAllocator).

The object's name is the address, so that creating it is the atomic act of taking it, whichever replica does.
The ranges are the ServiceCIDR objects. Next: `hooks.py`.
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import StatusError
from kubern.apimachinery.validation import net
from kubern_kubeapi.allocation.families import family_of
from kubern_kubeapi.allocation.ranges import AllocationError, AlreadyAllocated, RangeFull, candidates, static_band

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubern.client.loopback import LoopbackClient

Object = dict[str, Any]
NETWORKING = "networking.k8s.io"
FAMILY_LABEL = "ipaddress.kubernetes.io/ip-family"
MANAGED_BY_LABEL = "ipaddress.kubernetes.io/managed-by"
ALLOCATOR_NAME = "ipallocator.k8s.io"
_MISMATCH = "the provided network does not match the current range"


def ip_address_object(address: str, namespace: str, service: str) -> Object:
    """The IPAddress by which a service holds an address."""
    return {
        "apiVersion": f"{NETWORKING}/v1",
        "kind": "IPAddress",
        "metadata": {
            "name": address,
            "labels": {FAMILY_LABEL: family_of(address), MANAGED_BY_LABEL: ALLOCATOR_NAME},
        },
        "spec": {"parentRef": {"resource": "services", "namespace": namespace, "name": service}},
    }


class ClusterIPAllocator:
    """Takes and returns addresses of one IP family. `default` is the range of the command line."""

    def __init__(self, client: LoopbackClient, default: net.IPNetwork) -> None:
        self.client = client
        self.default = default

    async def ranges(self) -> list[net.IPNetwork]:
        """The networks that addresses may come from, the command line's first."""
        found = [self.default]
        for cidr in await self.client.list(NETWORKING, "servicecidrs"):
            if not is_ready(cidr):
                continue
            networks = [ip_network(text) for text in cidr["spec"].get("cidrs") or ()]
            found += [n for n in networks if n.version == self.default.version and n not in found]
        return found

    async def allocate(self, namespace: str, service: str, address: str, dry_run: bool) -> str:
        """Take one address; a dry run looks at its range only. Raises AllocationError."""
        if not await self.covers(address):
            raise AllocationError(_MISMATCH)
        if not dry_run:
            await self._take(namespace, service, str(net.parse_ip(address)))
        return address

    async def covers(self, address: str) -> bool:
        """Whether an address is one of the ranges'."""
        parsed = net.parse_ip(address)
        return parsed is not None and any(_usable(n, parsed) for n in await self.ranges())

    async def allocate_next(self, namespace: str, service: str, dry_run: bool) -> str:
        """Take any free address; in a dry run the network's own, which stands for one. Raises RangeFull."""
        ranges = await self.ranges()
        if dry_run:
            return str(ranges[0].network_address)
        for network in ranges:
            first, last = _bounds(network)
            band = static_band(network.num_addresses, step=16, minimum=16, maximum=256)
            for number in candidates(first, last, band):
                name = str(network[number - int(network.network_address)])
                if await self.client.get(NETWORKING, "ipaddresses", "", name) is not None:
                    continue
                try:
                    await self._take(namespace, service, name)
                except AlreadyAllocated:
                    continue
                return name
        raise RangeFull("range is full")

    async def _take(self, namespace: str, service: str, name: str) -> None:
        try:
            await self.client.create(NETWORKING, "ipaddresses", ip_address_object(name, namespace, service))
        except StatusError as error:
            if error.reason == "AlreadyExists":
                raise AlreadyAllocated("provided IP is already allocated") from error
            raise AllocationError(error.message) from error

    async def release(self, address: str) -> None:
        """Return an address; one that nobody has is no error."""
        parsed = net.parse_ip(address)
        if parsed is not None:
            await self.client.delete(NETWORKING, "ipaddresses", "", str(parsed))


def is_ready(cidr: Object) -> bool:
    """Whether addresses may be taken from a ServiceCIDR; without a controller's word it counts as ready."""
    if cidr["metadata"].get("deletionTimestamp"):
        return False
    conditions: Sequence[Object] = cidr.get("status", {}).get("conditions") or ()
    return next((c.get("status") == "True" for c in conditions if c.get("type") == "Ready"), True)


def _bounds(network: net.IPNetwork) -> tuple[int, int]:
    """First and last address that a service may have: not the network's own, nor IPv4's broadcast."""
    first, last = int(network.network_address), int(network.broadcast_address)
    return first + 1, last - 1 if network.version == 4 else last


def _usable(network: net.IPNetwork, address: net.IPAddress) -> bool:
    if network.version != address.version:
        return False
    first, last = _bounds(network)
    return first <= int(address) <= last
