"""Where to connect to for a service: its cluster IP (upstream: apiserver/pkg/util/proxy.ResolveCluster).

Next: `webhook.py`, which connects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.remote.webhook import WebhookError
from kubern.util.goquote import go_quote

if TYPE_CHECKING:
    from kubern.client.loopback import LoopbackClient

_WITH_CLUSTER_IP = ("ClusterIP", "LoadBalancer", "NodePort")


class ServiceResolver:
    """Looks services up in the server's own store."""

    def __init__(self, client: LoopbackClient) -> None:
        self.client = client

    async def __call__(self, namespace: str, name: str, port: int) -> tuple[str, int]:
        """Host and port of a service's port. Raises WebhookError."""
        if self.client.server.find_store("", "services") is None:
            raise WebhookError(f"service {go_quote(name)} not found")
        service = await self.client.get("", "services", namespace, name)
        if service is None:
            raise WebhookError(f"service {go_quote(name)} not found")
        spec = service.get("spec", {})
        kind = spec.get("type", "ClusterIP")
        if kind == "ExternalName":
            return spec.get("externalName", ""), port
        if kind not in _WITH_CLUSTER_IP:
            raise WebhookError(f"unsupported service type {go_quote(kind)}")
        address = spec.get("clusterIP", "")
        if kind == "ClusterIP" and address == "None":
            raise WebhookError('cannot route to service with ClusterIP "None"')
        if not any(p.get("port") == port for p in spec.get("ports", ())):
            raise WebhookError(f"no service port {port} found for service {go_quote(name)}")
        return address, port
