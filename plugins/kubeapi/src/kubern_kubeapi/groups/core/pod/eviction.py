"""Eviction: a delete that disruption budgets may forbid (upstream: pkg/registry/core/pod/storage/eviction.go).

Next: `disruption.py` for the budgets.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import GroupResource, StatusError, bad_request, conflict
from kubern.client.loopback import LoopbackClient
from kubern.endpoints.options import delete_options_from_body
from kubern.registry.errors import plain_error
from kubern.registry.rest import DeleteOptions, Preconditions
from kubern.util.json_copy import json_copy
from kubern_kubeapi.groups.core.pod.binding import created
from kubern_kubeapi.groups.core.pod.conditions import is_ready, update_condition
from kubern_kubeapi.groups.core.pod.disruption import (
    budgets_of,
    check_and_decrement,
    still_processed,
    unhealthy_pod_may_go,
)
from kubern_kubeapi.groups.core.pod.strategy import PodStatusStrategy

if TYPE_CHECKING:
    from kubern.registry.store import ResourceStore
    from kubern.registry.written import Validate
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer

Object = dict[str, Any]
_RETRIES = 5
_POD = GroupResource("", "Pod")
_MORE_THAN_ONE = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."


class EvictionStorage:
    """POST of pods/NAME/eviction."""

    namespaced = True
    also_accepts = ("policy/v1beta1",)

    def __init__(self, store: ResourceStore, server: GenericAPIServer) -> None:
        self.store = store
        self.client = LoopbackClient(server)
        self.strategy = PodStatusStrategy()

    async def create(
        self, ctx: RequestContext, name: str, obj: Object, *, validate: Validate | None = None, dry_run: bool = False
    ) -> Object:
        """Evict. Raises StatusError 400, 403, 404, 409, 429, 500."""
        if name != obj["metadata"].get("name", ""):
            raise bad_request("name in URL does not match name in Eviction object")
        body = obj.get("deleteOptions") or {}
        _check_dry_run(ctx, body)
        if validate is not None:
            await validate(obj, None)
        options = delete_options_from_body(body)
        options.dry_run = options.dry_run or dry_run
        pod = await self._delete_unbudgeted(ctx, name, options)
        if pod is None:
            return created()
        budget, guarded = await self._pass_budget(ctx, pod, options)
        own = options
        if guarded:
            own = with_version(options, pod["metadata"]["resourceVersion"])
        try:
            await self._delete(ctx, name, own)
        except StatusError as error:
            if error.code == 409 and guarded and not wanted_version(options):
                raise still_processed(budget) from error
            raise
        return created()

    async def _delete_unbudgeted(self, ctx: RequestContext, name: str, options: DeleteOptions) -> Object | None:
        """Delete a pod that nobody misses any more; else the pod."""
        tries = 1 if wanted_version(options) else _RETRIES
        for left in range(tries - 1, -1, -1):
            pod = await self.store.get_object(ctx.info.namespace, name)
            phase = (pod.get("status") or {}).get("phase")
            deleting = bool(pod["metadata"].get("deletionTimestamp"))
            if not deleting and phase not in ("Succeeded", "Failed", "Pending"):
                return pod
            own = options
            if not deleting and phase == "Pending" and not wanted_version(options):
                own = with_version(options, pod["metadata"]["resourceVersion"])
            try:
                await self._delete(ctx, name, own)
            except StatusError as error:
                if error.code != 409 or not left:
                    raise
                continue
            return None
        return None

    async def _pass_budget(self, ctx: RequestContext, pod: Object, options: DeleteOptions) -> tuple[str, bool]:
        """The budget's name, and whether the pod must not change before it goes. Raises StatusError 403, 429, 500."""
        budgets = budgets_of(await self.client.list("policy", "poddisruptionbudgets", ctx.info.namespace), pod)
        if not budgets:
            return "", False
        if len(budgets) > 1:
            raise plain_error(_MORE_THAN_ONE)
        budget = budgets[0]
        name = budget["metadata"]["name"]
        if not is_ready(pod) and unhealthy_pod_may_go(budget):
            return name, True
        if options.dry_run:
            check_and_decrement(budget, pod["metadata"]["name"])
            return name, False
        await self.client.update(
            "policy",
            "poddisruptionbudgets",
            ctx.info.namespace,
            name,
            lambda stored: check_and_decrement(stored, pod["metadata"]["name"]),
            subresource="status",
        )
        return name, False

    async def _delete(self, ctx: RequestContext, name: str, options: DeleteOptions) -> None:
        """Say on the pod why it goes, then delete it."""
        options = dataclasses.replace(options)
        if not options.dry_run:
            version = await self._mark(ctx, name, options)
            if options.preconditions is not None and options.preconditions.resource_version:
                options.preconditions = Preconditions(options.preconditions.uid, version)
        await self.store.delete(ctx, name, options)

    async def _mark(self, ctx: RequestContext, name: str, options: DeleteOptions) -> str:
        """The pod's version after it got its condition."""

        async def marked(old: Object | None) -> Object:
            if old is None:
                raise self.store.not_found(name)
            _check_preconditions(old, options.preconditions)
            pod = json_copy(old)
            update_condition(
                pod,
                {
                    "type": "DisruptionTarget",
                    "status": "True",
                    "reason": "EvictionByEvictionAPI",
                    "message": "Eviction API: evicting",
                },
            )
            return pod

        written = await self.store.update(ctx, name, marked, strategy=self.strategy)
        return str(written.obj["metadata"]["resourceVersion"])


def _check_preconditions(pod: Object, wanted: Preconditions | None) -> None:
    """Raises StatusError 409."""
    if wanted is None:
        return
    meta = pod["metadata"]
    name, uid, version = meta["name"], meta.get("uid", ""), meta.get("resourceVersion", "")
    if wanted.uid and wanted.uid != uid:
        raise conflict(
            _POD,
            name,
            f"the UID in the precondition ({wanted.uid}) does not match the UID in record ({uid}). The object might "
            "have been deleted and then recreated",
        )
    if wanted.resource_version and wanted.resource_version != version:
        raise conflict(
            _POD,
            name,
            f"the ResourceVersion in the precondition ({wanted.resource_version}) does not match the ResourceVersion "
            f"in record ({version}). The object might have been modified",
        )


def wanted_version(options: DeleteOptions) -> str:
    """The version that the caller insists on, "" for any."""
    return (options.preconditions.resource_version if options.preconditions is not None else None) or ""


def with_version(options: DeleteOptions, version: str) -> DeleteOptions:
    uid = options.preconditions.uid if options.preconditions is not None else None
    return dataclasses.replace(options, preconditions=Preconditions(uid, version))


def _check_dry_run(ctx: RequestContext, body: Object) -> None:
    """Raises StatusError 500 when request and content differ (upstream: propagateDryRun)."""
    asked, named = ctx.query.get("dryRun"), body.get("dryRun")
    if asked and named and asked != named:
        shown = f"[{' '.join(asked)}] and [{' '.join(named)}]"
        raise plain_error(f"Non-matching dry-run options in request and content: {shown}")
