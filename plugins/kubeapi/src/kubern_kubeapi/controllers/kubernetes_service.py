"""The service `kubernetes` in `default`, and the addresses behind it (upstream: controlplane/controller/kubernetesservice).

With the lease reconciler every server keeps a key with a time to live; the endpoints are the addresses of all that
are alive. Next: `hooks.py`.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from kubern.apimachinery.errors import StatusError
from kubern.client.loopback import LoopbackClient
from kubern.storage.errors import StorageError
from kubern_kubeapi.controllers.bootstrap_objects import ensure

if TYPE_CHECKING:
    from kubern.storage.interface import Store

logger = logging.getLogger(__name__)
NAMESPACE, NAME = "default", "kubernetes"
SECONDS_BETWEEN = 10
LEASE_SECONDS = 15
DISCOVERY = "discovery.k8s.io"
Object = dict[str, Any]


class Addresses(NamedTuple):
    """Where this server is reached: inside the cluster, and for real."""

    cluster_ip: str
    advertise: str
    port: int
    node_port: int = 0


class KubernetesService:
    """Keeps the service and its endpoints; `reconciler` is lease, master-count or none."""

    def __init__(
        self, client: LoopbackClient, store: Store, prefix: str, addresses: Addresses, reconciler: str
    ) -> None:
        self.client = client
        self.store = store
        self.prefix = f"{prefix}/masterleases/"
        self.addresses = addresses
        self.reconciler = reconciler
        self._lease = 0

    async def ensure_service(self) -> None:
        """Create the service. Raises StatusError."""
        port: Object = {"name": "https", "protocol": "TCP", "port": 443, "targetPort": self.addresses.port}
        if self.addresses.node_port:
            port["nodePort"] = self.addresses.node_port
        spec: Object = {
            "ports": [port],
            "clusterIP": self.addresses.cluster_ip,
            "type": "NodePort" if self.addresses.node_port else "ClusterIP",
            "sessionAffinity": "None",
        }
        labels = {"component": "apiserver", "provider": "kubernetes"}
        meta = {"name": NAME, "namespace": NAMESPACE, "labels": labels}
        await ensure(self.client, "", "services", [{"metadata": meta, "spec": spec}])

    async def reconcile(self) -> None:
        """Bring service and endpoints in line once. Raises StatusError, StorageError."""
        await self.ensure_service()
        if self.reconciler == "none":
            return
        await self._write_endpoints(await self._alive())

    async def _alive(self) -> list[str]:
        """Addresses of all servers, this one's key renewed."""
        if self.reconciler != "lease":
            return [self.addresses.advertise]
        self._lease = await self.store.lease_grant(LEASE_SECONDS)
        body = orjson.dumps({"kind": "Endpoints", "apiVersion": "v1", "metadata": {}, "subsets": []})
        await self.store.put(self.prefix + self.addresses.advertise, body, expect=None, lease=self._lease)
        page = await self.store.range(self.prefix, self.prefix[:-1] + "0")
        return sorted(kv.key[len(self.prefix) :] for kv in page.kvs)

    async def _write_endpoints(self, ips: list[str]) -> None:
        port = {"name": "https", "port": self.addresses.port, "protocol": "TCP"}
        labels = {"endpointslice.kubernetes.io/skip-mirror": "true"}
        endpoints: Object = {
            "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": labels},
            "subsets": [{"addresses": [{"ip": ip} for ip in ips], "ports": [port]}],
        }
        await ensure(self.client, "", "endpoints", [endpoints], _complete("subsets"))
        slice_: Object = {
            "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": {"kubernetes.io/service-name": NAME}},
            "addressType": "IPv6" if ":" in self.addresses.advertise else "IPv4",
            "endpoints": [{"addresses": [ip], "conditions": {"ready": True}} for ip in ips],
            "ports": [port],
        }
        await ensure(self.client, DISCOVERY, "endpointslices", [slice_], _complete("endpoints", "ports"))

    async def run(self) -> None:
        """Reconcile for ever."""
        while True:
            await asyncio.sleep(SECONDS_BETWEEN)
            try:
                await self.reconcile()
            except (StatusError, StorageError) as error:
                logger.warning("the kubernetes service could not be reconciled: %s", error)

    async def leave(self) -> None:
        """This server goes: its address is taken out of the endpoints at once."""
        if self.reconciler != "lease":
            return
        await self.store.delete(self.prefix + self.addresses.advertise, expect=None)
        page = await self.store.range(self.prefix, self.prefix[:-1] + "0")
        if page.kvs:
            await self._write_endpoints(sorted(kv.key[len(self.prefix) :] for kv in page.kvs))


def _complete(*keys: str) -> Any:
    def complete(obj: Object, wanted: Object) -> bool:
        changed = any(obj.get(key) != wanted[key] for key in keys)
        for key in keys:
            obj[key] = wanted[key]
        return changed

    return complete
