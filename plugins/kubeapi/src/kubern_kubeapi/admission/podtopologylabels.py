"""The PodTopologyLabels plugin: bound pods show their node's zone and region (upstream: plugin of the same name)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.admission.interface import CREATE, Attributes, Handler
from kubern_kubeapi.admission.lister import Lister

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

Object = dict[str, Any]
LABELS = ("topology.kubernetes.io/zone", "topology.kubernetes.io/region")


class PodTopologyLabels(Handler):
    """Labels bindings, which pass them on to the pod, and pods that are created on a node."""

    operations = (CREATE,)
    resources = frozenset({("", "pods"), ("", "bindings")})

    def __init__(self, config: CompletedConfig) -> None:
        self._nodes = Lister(config, "", "nodes")

    async def admit(self, attributes: Attributes) -> None:
        obj = attributes.object
        if obj is None:
            return
        if attributes.kind == "Binding" and not attributes.group:
            target = obj.get("target") or {}
            if target.get("kind") == "Node":
                await self._label(obj, target.get("name", ""))
        elif attributes.kind == "Pod" and not attributes.subresource:
            await self._label(obj, obj["spec"].get("nodeName", ""))

    async def _label(self, obj: Object, node_name: str) -> None:
        node = await self._nodes.get("", node_name) if node_name else None
        if node is None:
            return
        own = node["metadata"].get("labels") or {}
        found = {key: own[key] for key in LABELS if key in own}
        if found:
            obj["metadata"].setdefault("labels", {}).update(found)
