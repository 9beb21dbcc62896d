"""Who is behind the service `kubernetes`: its endpoints as --endpoint-reconciler-type has them kept.

Upstream: controlplane/reconcilers. Next: `kubernetes_service.py`, which calls them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import orjson

from kubern.client.loopback import LoopbackClient
from kubern_kubeapi.controllers.bootstrap_objects import ensure

if TYPE_CHECKING:
    from kubern.storage.interface import Store

NAMESPACE, NAME = "default", "kubernetes"
DISCOVERY = "discovery.k8s.io"
LEASE_SECONDS = 15
Object = dict[str, Any]


class EndpointReconciler(Protocol):
    """Adds this server to the endpoints, time and again, and takes it out when it goes."""

    async def reconcile(self) -> None:
        """Raises StatusError, StorageError."""

    async def remove(self) -> None:
        """Raises StatusError, StorageError."""


class KubernetesEndpoints:
    """The Endpoints and the EndpointSlice of the service; addresses of the family of `advertise`."""

    def __init__(self, client: LoopbackClient, advertise: str, port: int) -> None:
        self._client = client
        self._family = "IPv6" if ":" in advertise else "IPv4"
        self._port: Object = {"name": "https", "port": port, "protocol": "TCP"}

    async def read(self) -> list[str]:
        """The addresses there are."""
        endpoints = await self._client.get("", "endpoints", NAMESPACE, NAME)
        subsets = (endpoints or {}).get("subsets") or []
        if len(subsets) != 1:
            return []
        return [address["ip"] for address in subsets[0].get("addresses") or ()]

    async def write(self, ips: list[str]) -> None:
        """Make `ips` the addresses. Raises StatusError."""
        endpoints: Object = {
            "metadata": {
                "name": NAME,
                "namespace": NAMESPACE,
                "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"},
            },
            "subsets": [{"addresses": [{"ip": ip} for ip in ips], "ports": [self._port]}] if ips else None,
        }
        await ensure(self._client, "", "endpoints", [endpoints], _complete("subsets"))
        slice_: Object = {
            "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": {"kubernetes.io/service-name": NAME}},
            "addressType": self._family,
            "endpoints": [{"addresses": [ip], "conditions": {"ready": True}} for ip in ips],
            "ports": [self._port] if ips else [],
        }
        await ensure(self._client, DISCOVERY, "endpointslices", [slice_], _complete("endpoints", "ports"))


def _complete(*keys: str) -> Any:
    def complete(obj: Object, wanted: Object) -> bool:
        changed = [key for key in keys if obj.get(key) != wanted[key]]
        for key in changed:
            obj[key] = wanted[key]
            if wanted[key] is None:
                del obj[key]
        return bool(changed)

    return complete


class LeaseReconciler:
    """Every server keeps a key with a time to live; the addresses are those of all whose keys are there."""

    def __init__(self, endpoints: KubernetesEndpoints, store: Store, prefix: str, ip: str) -> None:
        self._endpoints = endpoints
        self._store = store
        self._prefix = prefix
        self._ip = ip

    async def reconcile(self) -> None:
        lease = await self._store.lease_grant(LEASE_SECONDS)
        body = orjson.dumps({"kind": "Endpoints", "apiVersion": "v1", "metadata": {}, "subsets": []})
        await self._store.put(self._prefix + self._ip, body, expect=None, lease=lease)
        await self._endpoints.write(await self._alive())

    async def remove(self) -> None:
        """The last server leaves no endpoints behind."""
        await self._store.delete(self._prefix + self._ip, expect=None)
        await self._endpoints.write(await self._alive())

    async def _alive(self) -> list[str]:
        page = await self._store.range(self._prefix, self._prefix[:-1] + "0")
        return sorted(kv.key[len(self._prefix) :] for kv in page.kvs)


class MasterCountReconciler:
    """Every server adds itself; of more than `count` addresses those behind its own give way."""

    def __init__(self, endpoints: KubernetesEndpoints, ip: str, count: int) -> None:
        self._endpoints = endpoints
        self._ip = ip
        self._count = count

    async def reconcile(self) -> None:
        await self._endpoints.write(with_address(await self._endpoints.read(), self._ip, self._count))

    async def remove(self) -> None:
        present = await self._endpoints.read()
        if self._ip in present:
            await self._endpoints.write([ip for ip in present if ip != self._ip])


def with_address(present: list[str], ip: str, count: int) -> list[str]:
    """Sorted addresses with `ip`, at most `count`: the next ones after it are left out, from the end on to the first."""
    ips = sorted({*present, ip})
    at = ips.index(ip)
    while len(ips) > count:
        del ips[(at + 1) % len(ips)]
        at = ips.index(ip)
    return ips


class NoneReconciler:
    """Endpoints are somebody else's business."""

    async def reconcile(self) -> None:
        return None

    async def remove(self) -> None:
        return None
