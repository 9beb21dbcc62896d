"""The TaintNodesByCondition plugin: a new node takes no pods until it is ready (upstream: plugin nodetaint)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.admission.interface import CREATE, Attributes, Handler

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

NOT_READY_TAINT = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}


class TaintNodesByCondition(Handler):
    """Taints nodes as not ready when they are created."""

    operations = (CREATE,)
    resources = frozenset({("", "nodes")})

    def __init__(self, config: CompletedConfig) -> None:
        pass

    async def admit(self, attributes: Attributes) -> None:
        node = attributes.object
        if node is None or attributes.subresource:
            return
        spec = node.setdefault("spec", {})
        taints = spec.get("taints") or []
        if not any(all(t.get(k) == v for k, v in NOT_READY_TAINT.items()) for t in taints):
            spec["taints"] = [*taints, dict(NOT_READY_TAINT)]
