"""Small objects by which a server makes its settings known: authentication config map, service range, token tracking.

Upstream: controlplane/controller/{clusterauthenticationtrust,legacytokentracking,defaultservicecidr}. Next: `hooks.py`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import orjson

from kubern.apimachinery.errors import StatusError
from kubern.client.loopback import LoopbackClient
from kubern_kubeapi.controllers.bootstrap_objects import ensure

logger = logging.getLogger(__name__)
Object = dict[str, Any]
SECONDS_BETWEEN = 30


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
    """The ServiceCIDR `kubernetes`, ready to be allocated from; a second family may come. Raises StatusError."""

    def complete(obj: Object, wanted: Object) -> bool:
        stored = obj["spec"].get("cidrs") or []
        if stored == cidrs:
            return False
        if len(stored) == 1 and stored == cidrs[:1]:
            obj["spec"]["cidrs"] = cidrs
            return True
        logger.warning("The default ServiceCIDR has %s, the flags of this server say %s", stored, cidrs)
        return False

    group = "networking.k8s.io"
    wanted = {"metadata": {"name": "kubernetes"}, "spec": {"cidrs": cidrs}}
    await ensure(client, group, "servicecidrs", [wanted], complete)
    stored = await client.get(group, "servicecidrs", "", "kubernetes")
    if stored is None or stored["spec"].get("cidrs") != cidrs or not _set_ready(stored):
        return
    await client.update(group, "servicecidrs", "", "kubernetes", _make_ready, subresource="status")


async def keep_default_service_cidr(client: LoopbackClient, cidrs: list[str]) -> None:
    """Look after it for ever."""
    while True:
        await asyncio.sleep(SECONDS_BETWEEN)
        try:
            await default_service_cidr(client, cidrs)
        except StatusError as error:
            logger.warning("The default ServiceCIDR could not be kept: %s", error.message)


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
