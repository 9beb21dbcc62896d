"""The default roles and bindings: created when missing, given back what they lost when the server starts.

Nothing is ever taken away from them but what makes them something else (another role, an aggregation), and those
annotated with autoupdate=false are left alone. Upstream: registry/rbac/rest (the post-start hook) and
registry/rbac/reconciliation. Next: `hooks.py`.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from kubern.apimachinery.errors import StatusError
from kubern.client.loopback import LoopbackClient
from kubern.registry.rest import DeleteOptions, Preconditions
from kubern_kubeapi.authorization.covers import missing_rights
from kubern_kubeapi.controllers.bootstrap_objects import bundled

Object = dict[str, Any]

logger = logging.getLogger(__name__)
RBAC = "rbac.authorization.k8s.io"
AUTOUPDATE = "rbac.authorization.kubernetes.io/autoupdate"
_COMPLETE_METADATA = ("annotations", "labels")
_ATTEMPTS = 3
"""For objects that come or go just then."""


async def rbac_roles(client: LoopbackClient) -> None:
    """The default roles and bindings, all at once. One that cannot be had keeps nobody from the others: it is logged."""
    data = bundled("rbac")
    for resource in data:
        await client.store(RBAC, resource).cacher.ready()
    pairs = [(resource, wanted) for resource, objects in data.items() for wanted in objects]
    await asyncio.gather(*(_reconcile(client, resource, wanted) for resource, wanted in pairs))


async def _reconcile(client: LoopbackClient, resource: str, wanted: Object) -> None:
    for attempt in range(_ATTEMPTS):
        try:
            await _reconcile_once(client, resource, wanted)
        except StatusError as error:
            if error.code in (404, 409) and attempt < _ATTEMPTS - 1:
                continue
            logger.error("Unable to reconcile %s %s: %s", resource, wanted["metadata"]["name"], error)
        return


async def _reconcile_once(client: LoopbackClient, resource: str, wanted: Object) -> None:
    meta = wanted["metadata"]
    where = (RBAC, resource, meta.get("namespace", ""), meta["name"])
    found = await client.get(*where)
    if found is None:
        await client.create(RBAC, resource, wanted)
    elif is_protected(found):
        return
    elif found.get("roleRef") != wanted.get("roleRef"):
        await client.delete(*where, DeleteOptions(preconditions=Preconditions(uid=found["metadata"]["uid"])))
        await client.create(RBAC, resource, wanted)
    elif reconciled(found, wanted) != found:
        await client.update(*where, lambda obj: obj if is_protected(obj) else reconciled(obj, wanted))


def is_protected(obj: Object) -> bool:
    """Whether somebody asked for the object to be left alone."""
    return bool((obj["metadata"].get("annotations") or {}).get(AUTOUPDATE) == "false")


def reconciled(found: Object, wanted: Object) -> Object:
    """`found` with all that `wanted` has and it lacks; what it has beyond that stays."""
    meta = dict(found["metadata"])
    for key in _COMPLETE_METADATA:
        merged = {**(wanted["metadata"].get(key) or {}), **(meta.get(key) or {})}
        if merged:
            meta[key] = merged
    out = {**found, "metadata": meta}
    if "roleRef" in wanted:
        _complete_list(out, wanted, "subjects")
    else:
        _complete_rules(out, wanted)
    return out


def _complete_list(obj: Object, wanted: Object, key: str) -> None:
    present = obj.get(key) or []
    missing = [item for item in wanted.get(key) or () if item not in present]
    if missing:
        obj[key] = [*present, *missing]


def _complete_rules(role: Object, wanted: Object) -> None:
    rights = missing_rights(role.get("rules") or (), wanted.get("rules") or ())
    if rights:
        role["rules"] = [*(role.get("rules") or ()), *(right.rule() for right in rights)]
    expected = wanted.get("aggregationRule")
    if expected is None:
        role.pop("aggregationRule", None)
        return
    aggregation = dict(role.get("aggregationRule") or {})
    _complete_list(aggregation, expected, "clusterRoleSelectors")
    role["aggregationRule"] = aggregation
