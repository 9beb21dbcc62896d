"""The service `kubernetes` in `default`, kept while the server runs (upstream: controlplane/controller/kubernetesservice).

Next: `endpoint_reconcilers.py`, the addresses behind it; `hooks.py`.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, NamedTuple

from kubern.apimachinery.errors import StatusError
from kubern.client.loopback import LoopbackClient
from kubern.storage.errors import StorageError
from kubern_kubeapi.controllers.bootstrap_objects import ensure
from kubern_kubeapi.controllers.endpoint_reconcilers import NAME, NAMESPACE, EndpointReconciler

logger = logging.getLogger(__name__)
SECONDS_BETWEEN = 10
MAX_LEAVING = 10
"""Seconds that a storage which does not answer may hold up the shutdown."""
Object = dict[str, Any]


class Addresses(NamedTuple):
    """Where this server is reached: inside the cluster, and for real."""

    cluster_ip: str
    advertise: str
    port: int
    node_port: int = 0


class KubernetesService:
    """Keeps the service, and this server among its endpoints until it leaves."""

    def __init__(self, client: LoopbackClient, addresses: Addresses, endpoints: EndpointReconciler) -> None:
        self.client = client
        self.addresses = addresses
        self.endpoints = endpoints
        self._left = False
        self._reconciling = asyncio.Lock()

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
        async with self._reconciling:
            if self._left:
                return
            await self.ensure_service()
            await self.endpoints.reconcile()

    async def run(self) -> None:
        """Reconcile for ever."""
        while True:
            await asyncio.sleep(SECONDS_BETWEEN)
            try:
                await self.reconcile()
            except (StatusError, StorageError) as error:
                logger.warning("The kubernetes service could not be reconciled: %s", error)

    async def leave(self) -> None:
        """This server goes: its address is taken out of the endpoints at once, and stays out."""
        self._left = True
        try:
            async with asyncio.timeout(MAX_LEAVING), self._reconciling:
                await self.endpoints.remove()
        except (StatusError, StorageError, TimeoutError) as error:
            logger.warning("This server could not be taken out of the kubernetes service: %s", error)
