"""Small objects by which a server makes itself known: authentication config map, identity lease, token tracking.

Upstream: controlplane/controller/{clusterauthenticationtrust,apiserverleasegc,legacytokentracking,defaultservicecidr}.
Next: `hooks.py`.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
import time
from datetime import UTC, datetime
from typing import Any

import orjson

from kubern.client.loopback import LoopbackClient
from kubern_kubeapi.controllers.bootstrap_objects import ensure

Object = dict[str, Any]
IDENTITY_LABEL = "apiserver.kubernetes.io/identity"
LEASE_SECONDS = 3600
RENEW_SECONDS = 10


async def authentication_config_map(client: LoopbackClient, data: dict[str, str]) -> None:
    """kube-system/extension-apiserver-authentication: by which extension servers know whom to believe."""

    def complete(obj: Object, wanted: Object) -> bool:
        changed = bool(obj.get("data") != wanted["data"])
        obj["data"] = wanted["data"]
        return changed

    meta = {"name": "extension-apiserver-authentication", "namespace": "kube-system"}
    await ensure(client, "", "configmaps", [{"metadata": meta, "data": data}], complete)


def request_header_data(
    client_ca: str, header_ca: str, usernames: Any, uids: Any, groups: Any, extra: Any, allowed: Any
) -> dict[str, str]:
    """The config map's data; empty texts are left out."""
    out: dict[str, str] = {}
    if client_ca:
        out["client-ca-file"] = client_ca
    if header_ca:
        out["requestheader-client-ca-file"] = header_ca
        lists = {"username": usernames, "uid": uids, "group": groups}
        for name, values in lists.items():
            out[f"requestheader-{name}-headers"] = orjson.dumps(list(values)).decode()
        out["requestheader-extra-headers-prefix"] = orjson.dumps(list(extra)).decode()
        out["requestheader-allowed-names"] = orjson.dumps(list(allowed)).decode()
    return out


async def token_tracking(client: LoopbackClient) -> None:
    """Since when legacy tokens' use is tracked."""
    meta = {"name": "kube-apiserver-legacy-service-account-token-tracking", "namespace": "kube-system"}
    await ensure(
        client, "", "configmaps", [{"metadata": meta, "data": {"since": time.strftime("%Y-%m-%d", time.gmtime())}}]
    )


async def default_service_cidr(client: LoopbackClient, cidrs: list[str]) -> None:
    """The ServiceCIDR `kubernetes`, ready to be allocated from."""
    group = "networking.k8s.io"
    await ensure(client, group, "servicecidrs", [{"metadata": {"name": "kubernetes"}, "spec": {"cidrs": cidrs}}])
    stored = await client.get(group, "servicecidrs", "", "kubernetes")
    if stored is None or not _set_ready(stored):
        return
    await client.update(group, "servicecidrs", "", "kubernetes", _make_ready, subresource="status")


def _set_ready(cidr: Object) -> bool:
    """Add the Ready condition where it is missing; whether it was."""
    conditions = cidr.setdefault("status", {}).setdefault("conditions", [])
    if any(c["type"] == "Ready" and c["status"] == "True" for c in conditions):
        return False
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    message = "Kubernetes default Service CIDR is ready"
    conditions.append({"type": "Ready", "status": "True", "lastTransitionTime": now, "reason": "", "message": message})
    return True


def _make_ready(cidr: Object) -> None:
    _set_ready(cidr)


def identity() -> str:
    """This server's name among its replicas."""
    host = socket.gethostname()
    digest = hashlib.sha256(host.encode()).hexdigest()
    return f"apiserver-{digest[:26]}"


class IdentityLease:
    """kube-system's lease of this server, renewed while it runs."""

    def __init__(self, client: LoopbackClient) -> None:
        self.client = client
        self.name = identity()

    async def start(self) -> None:
        """Create or take over the lease."""
        host = socket.gethostname()
        labels = {IDENTITY_LABEL: "kube-apiserver", "kubernetes.io/hostname": host}
        spec = {
            "holderIdentity": f"{self.name}_{host}",
            "leaseDurationSeconds": LEASE_SECONDS,
            "renewTime": _micro_time(),
        }
        meta = {"name": self.name, "namespace": "kube-system", "labels": labels}
        await ensure(self.client, "coordination.k8s.io", "leases", [{"metadata": meta, "spec": spec}])

    async def run(self) -> None:
        """Renew for ever."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            await self.client.update("coordination.k8s.io", "leases", "kube-system", self.name, _renew)


def _renew(lease: Object) -> None:
    lease.setdefault("spec", {})["renewTime"] = _micro_time()


def _micro_time() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
