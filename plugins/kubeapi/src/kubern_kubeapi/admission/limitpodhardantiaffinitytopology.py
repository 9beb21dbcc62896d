"""The LimitPodHardAntiAffinityTopology plugin: hard anti-affinity between nodes only (upstream: antiaffinity)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.admission.interface import Attributes, Handler
from kubern.apimachinery.errors import GroupResource, forbidden
from kubern_kubeapi.admission.pods import PODS

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

HOSTNAME = "kubernetes.io/hostname"


class LimitPodHardAntiAffinityTopology(Handler):
    """Refuses required anti-affinity with another topology key than the host name."""

    resources = PODS

    def __init__(self, config: CompletedConfig) -> None:
        pass

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        pod = attributes.object
        if pod is None or attributes.subresource:
            return
        rules = (pod["spec"].get("affinity") or {}).get("podAntiAffinity") or {}
        for term in rules.get("requiredDuringSchedulingIgnoredDuringExecution") or ():
            key = term.get("topologyKey", "")
            if key != HOSTNAME:
                raise forbidden(
                    GroupResource("", "pods"),
                    pod["metadata"].get("name", ""),
                    f"affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey {key} but only key {HOSTNAME} "
                    "is allowed",
                )
