"""Objects that every cluster has: created when missing, corrected where they ask for it.

Upstream: scheduling's storage provider, systemnamespaces. Next: `hooks.py`, which runs these as post-start hooks,
`rbac_reconciliation.py` or `flow_control_producer.py`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from importlib import resources
from typing import Any

from kubern.apimachinery.errors import StatusError
from kubern.client.loopback import LoopbackClient

Object = dict[str, Any]
Missing = Callable[[Object, Object], bool]
"""Adds to the first what it lacks of the second; whether that changed it."""

SYSTEM_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


def bundled(name: str) -> dict[str, list[Object]]:
    """The lists of one data file, by resource."""
    text = resources.files("kubern_kubeapi").joinpath("bootstrap_data", f"{name}.json").read_bytes()
    return json.loads(text)  # type: ignore[no-any-return]


async def ensure(
    client: LoopbackClient, group: str, resource: str, wanted: Iterable[Object], complete: Missing | None = None
) -> None:
    """Create what is missing, all at once; let `complete` correct what is there. Raises StatusError."""
    store = client.store(group, resource)
    await store.cacher.ready()
    await asyncio.gather(*(_ensure_one(client, group, resource, obj, complete) for obj in wanted))


async def _ensure_one(
    client: LoopbackClient, group: str, resource: str, wanted: Object, complete: Missing | None
) -> None:
    meta = wanted["metadata"]
    namespace, name = meta.get("namespace", ""), meta["name"]
    found = await client.get(group, resource, namespace, name)
    if found is None:
        try:
            await client.create(group, resource, wanted)
        except StatusError as error:
            if error.reason != "AlreadyExists":
                raise
    elif complete is not None and complete(found, wanted):
        change = complete

        def again(obj: Object) -> None:
            change(obj, wanted)

        await client.update(group, resource, namespace, name, again)


async def system_namespaces(client: LoopbackClient) -> None:
    """default and the kube- namespaces."""
    await ensure(client, "", "namespaces", [{"metadata": {"name": name}} for name in SYSTEM_NAMESPACES])


async def priority_classes(client: LoopbackClient) -> None:
    """system-node-critical and system-cluster-critical."""
    await ensure(client, "scheduling.k8s.io", "priorityclasses", bundled("scheduling")["priorityclasses"])
