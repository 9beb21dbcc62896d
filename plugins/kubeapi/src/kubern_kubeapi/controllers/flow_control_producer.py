"""Keeps the mandatory and suggested flow schemas and priority levels as they are shipped.

Upstream: registry/flowcontrol/rest and registry/flowcontrol/ensurer. What is missing is made again; the spec of a
mandatory object is put back, that of a suggested one unless its annotation says that somebody takes care of it; objects
of former versions go. Next: `flow_control_consumer.py`, which reads them.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import StatusError
from kubern.client.loopback import LoopbackClient
from kubern_kubeapi.controllers.bootstrap_objects import bundled, ensure
from kubern_kubeapi.groups.flowcontrol.mandatory import MANDATORY_FLOW_SCHEMAS, MANDATORY_PRIORITY_LEVELS

if TYPE_CHECKING:
    from kubern.server import GenericAPIServer

logger = logging.getLogger(__name__)
Object = dict[str, Any]

GROUP = "flowcontrol.apiserver.k8s.io"
FLOW_SCHEMAS = "flowschemas"
PRIORITY_LEVELS = "prioritylevelconfigurations"
AUTOUPDATE = "apf.kubernetes.io/autoupdate-spec"
MANAGER = "api-priority-and-fairness-config-producer-v1"
PERIOD_SECONDS = 60.0
_EXEMPT = "exempt"
_TUNABLE = ("nominalConcurrencyShares", "lendablePercent")
_MANDATORY = {FLOW_SCHEMAS: MANDATORY_FLOW_SCHEMAS, PRIORITY_LEVELS: MANDATORY_PRIORITY_LEVELS}
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})


class FlowControlProducer:
    """Looks at all objects once a minute."""

    def __init__(self, server: GenericAPIServer) -> None:
        self._client = LoopbackClient(server, MANAGER)
        self._shipped = bundled("flowcontrol")

    async def produce(self) -> None:
        """One round. Raises StatusError."""
        for resource in (PRIORITY_LEVELS, FLOW_SCHEMAS):
            complete = partial(put_right, mandatory=_MANDATORY[resource])
            await ensure(self._client, GROUP, resource, self._shipped[resource], complete)
        for resource in (FLOW_SCHEMAS, PRIORITY_LEVELS):
            await self._remove_former(resource)

    async def run(self) -> None:
        """Rounds until cancelled."""
        while True:
            await asyncio.sleep(PERIOD_SECONDS)
            try:
                await self.produce()
            except StatusError as error:
                logger.warning("Flow control objects are not as they should be, trying again: %s", error.message)

    async def _remove_former(self, resource: str) -> None:
        shipped = {obj["metadata"]["name"] for obj in self._shipped[resource]}
        for obj in await self._client.list(GROUP, resource):
            name = obj["metadata"]["name"]
            if name not in shipped and parse_bool(_annotation(obj)):
                await self._client.delete(GROUP, resource, "", name)


def put_right(obj: Object, shipped: Object, mandatory: dict[str, Object]) -> bool:
    """Correct spec and annotation of `obj` in place; whether that changed anything."""
    wanted = obj["metadata"]["name"] in mandatory or updates_itself(obj)
    changed = False
    if parse_bool(_annotation(obj)) is not wanted:
        obj["metadata"]["annotations"] = {
            **(obj["metadata"].get("annotations") or {}),
            AUTOUPDATE: "true" if wanted else "false",
        }
        changed = True
    if wanted and not _same_spec(obj, shipped):
        obj["spec"] = shipped["spec"]
        changed = True
    return changed


def updates_itself(obj: Object) -> bool:
    """Whether the server may set the spec: the annotation says so, or says nothing and nobody has changed it yet."""
    said = parse_bool(_annotation(obj))
    return said if said is not None else obj["metadata"].get("generation") == 1


def _same_spec(obj: Object, shipped: Object) -> bool:
    spec, wanted = obj.get("spec") or {}, shipped["spec"]
    if obj["metadata"]["name"] == _EXEMPT and "exempt" in wanted and spec.get("exempt") is not None:
        # What the exempt level may lend is for administrators to say.
        tuned = {key: value for key, value in spec["exempt"].items() if key in _TUNABLE}
        wanted = {**wanted, "exempt": {**wanted["exempt"], **tuned}}
    return bool(spec == wanted)


def _annotation(obj: Object) -> str:
    return (obj["metadata"].get("annotations") or {}).get(AUTOUPDATE) or ""


def parse_bool(text: str) -> bool | None:
    """As Go's strconv.ParseBool; None for what is no boolean."""
    if text in _TRUE:
        return True
    return False if text in _FALSE else None
