"""Writes what type checking says of validating policies into their status.

Upstream: kube-controller-manager's validatingadmissionpolicy-status-controller; runs with
--controllers=validatingadmissionpolicy-status. Next: `../admission/policies/typechecking.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import StatusError
from kubern.client.loopback import LoopbackClient
from kubern.contributions import PostStartHook

if TYPE_CHECKING:
    from kubern.server import GenericAPIServer
    from kubern.storage.cacher import Change, Entry

Object = dict[str, Any]
logger = logging.getLogger(__name__)
NAME = "validatingadmissionpolicy-status"
_GROUP, _RESOURCE = "admissionregistration.k8s.io", "validatingadmissionpolicies"


def hooks(chosen: Collection[str]) -> list[PostStartHook]:
    """The controller, if --controllers switches it on."""
    wanted = (NAME in chosen or "*" in chosen) and f"-{NAME}" not in chosen
    return [PostStartHook(f"start-{NAME}-controller", _start)] if wanted else []


async def _start(server: GenericAPIServer) -> None:
    controller = PolicyStatus(server)
    await controller.start()
    server.tasks.spawn(NAME, controller.run())


class PolicyStatus:
    """Checks each generation of a policy once."""

    def __init__(self, server: GenericAPIServer) -> None:
        self._server = server
        self._client = LoopbackClient(server, f"{NAME}-controller")
        self._queue: asyncio.Queue[str] = asyncio.Queue()

    async def start(self) -> None:
        """Follow the policies."""
        cacher = self._client.store(_GROUP, _RESOURCE).cacher
        await cacher.ready()
        cacher.subscribe(self._changed)
        self._put(cacher.entries().values())

    def _changed(self, changes: Iterable[Change]) -> None:
        self._put(change.entry for change in changes if change.entry is not None)

    def _put(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._queue.put_nowait(entry.name)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            name = await self._queue.get()
            try:
                await self.sync(name)
            except StatusError as error:
                if error.code != 404:
                    logger.warning("the status of policy %s is not written: %s", name, error)

    async def sync(self, name: str) -> None:
        """Check a policy unless that was done. Raises StatusError."""
        policy = await self._client.get(_GROUP, _RESOURCE, "", name)
        if policy is None:
            return
        generation = policy["metadata"].get("generation", 0)
        if generation <= (policy.get("status") or {}).get("observedGeneration", 0):
            return
        from kubern_kubeapi.admission.policies.typechecking import TypeChecker

        warnings = TypeChecker(self._server).check(policy)
        checked: Object = {"expressionWarnings": warnings} if warnings else {}
        patch = {
            "apiVersion": f"{_GROUP}/v1",
            "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": name},
            "status": {"observedGeneration": generation, "typeChecking": checked},
        }
        await self._client.apply(_GROUP, _RESOURCE, "", name, patch, subresource="status")
