"""Feeds flow schemas and priority levels to the server's flow control, and says of schemas whose level is missing.

Upstream: the configController of apiserver/pkg/util/flowcontrol. Next: `kubern/flowcontrol/controller.py`.
"""

from __future__ import annotations

import asyncio
import collections
import logging
import random
import time
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import StatusError
from kubern.client.loopback import LoopbackClient
from kubern.flowcontrol.configuration import (
    BrokenPriorityLevelError,
    FlowSchema,
    PriorityLevel,
    flow_schema,
    priority_level,
)
from kubern.registry.before import now_text
from kubern.util.goquote import go_quote
from kubern_kubeapi.controllers.flow_control_producer import FLOW_SCHEMAS, GROUP, PRIORITY_LEVELS
from kubern_kubeapi.groups.flowcontrol.flowschema import DANGLING

if TYPE_CHECKING:
    from kubern.flowcontrol.controller import FlowController
    from kubern.server import GenericAPIServer

logger = logging.getLogger(__name__)
Object = dict[str, Any]

MANAGER = "api-priority-and-fairness-config-consumer-v1"
MAX_WRITES_PER_MINUTE = 6
"""For one schema: servers that disagree must not write for ever."""
RETRY_SECONDS = (30.0, 75.0)


class FlowControlConsumer:
    """Reads all objects again whenever one of them changes."""

    def __init__(self, server: GenericAPIServer, controller: FlowController) -> None:
        self._client = LoopbackClient(server, MANAGER)
        self._controller = controller
        self._changed = asyncio.Event()
        self._writes: dict[str, collections.deque[float]] = {}
        self._configured: tuple[list[FlowSchema], list[PriorityLevel]] | None = None

    async def start(self) -> None:
        """Follow the objects and take over what there is."""
        for resource in (PRIORITY_LEVELS, FLOW_SCHEMAS):
            cacher = self._client.store(GROUP, resource).cacher
            await cacher.ready()
            cacher.subscribe(lambda _: self._changed.set())
        await self.consume()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                postponed = await self.consume()
            except StatusError as error:
                logger.warning("Cannot write the status of flow schemas, trying again: %s", error.message)
                postponed = True
            if postponed:
                asyncio.get_running_loop().call_later(random.uniform(*RETRY_SECONDS), self._changed.set)

    async def consume(self) -> bool:
        """One round; whether a status could not be written yet. Raises StatusError."""
        levels = self._levels(await self._client.list(GROUP, PRIORITY_LEVELS))
        objects = await self._client.list(GROUP, FLOW_SCHEMAS)
        schemas = [flow_schema(obj) for obj in objects]
        if (schemas, levels) != self._configured:
            self._controller.configure(schemas, levels)
            self._configured = (schemas, levels)
        names = {level.name for level in levels}
        wrong = [(o, c) for o in objects if (c := dangling_condition(o, names)) is not None]
        written = await asyncio.gather(*(self._write(obj, condition) for obj, condition in wrong))
        return not all(written)

    @staticmethod
    def _levels(objects: list[Object]) -> list[PriorityLevel]:
        found = []
        for obj in objects:
            try:
                found.append(priority_level(obj))
            except BrokenPriorityLevelError as error:
                logger.warning("Ignoring the broken priority level %s: %s", obj["metadata"]["name"], error)
        return found

    async def _write(self, schema: Object, condition: Object) -> bool:
        name = schema["metadata"]["name"]
        if self._too_often(name):
            return False
        patch = {
            "apiVersion": f"{GROUP}/v1",
            "kind": "FlowSchema",
            "metadata": {"name": name},
            "status": {"conditions": [condition]},
        }
        try:
            await self._client.apply(GROUP, FLOW_SCHEMAS, "", name, patch, subresource="status")
        except StatusError as error:
            if error.code != 404:  # it is gone, and the change that says so is on its way
                raise
        return True

    def _too_often(self, name: str) -> bool:
        now = time.monotonic()
        writes = self._writes.setdefault(name, collections.deque(maxlen=MAX_WRITES_PER_MINUTE))
        if len(writes) == MAX_WRITES_PER_MINUTE and now - writes[0] < 60:
            return True
        writes.append(now)
        return False


def dangling_condition(schema: Object, levels: set[str]) -> Object | None:
    """The condition that a schema should have and has not; `levels` are those that exist."""
    level = ((schema.get("spec") or {}).get("priorityLevelConfiguration") or {}).get("name", "")
    message = f"This FlowSchema references the PriorityLevelConfiguration object named {go_quote(level)} "
    if level in levels:
        status, reason, message = "False", "Found", message + "and it exists"
    else:
        status, reason, message = "True", "NotFound", message + "but there is no such object"
    wanted = {"type": DANGLING, "status": status, "reason": reason, "message": message}
    conditions = (schema.get("status") or {}).get("conditions") or ()
    found: Object = next((c for c in conditions if c.get("type") == DANGLING), {})
    if all(found.get(key) == value for key, value in wanted.items()):
        return None
    return {
        "type": DANGLING,
        "status": status,
        "lastTransitionTime": now_text(),
        "reason": reason,
        "message": message,
    }
