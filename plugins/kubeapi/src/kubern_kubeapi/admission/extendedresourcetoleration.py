"""The ExtendedResourceToleration plugin: users of special hardware tolerate its taint (upstream: same name)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.admission.interface import Attributes, Handler
from kubern_kubeapi.admission.pods import PODS, containers
from kubern_kubeapi.groups.core.resource_lists import is_extended_resource

if TYPE_CHECKING:
    from kubern.config import CompletedConfig


class ExtendedResourceToleration(Handler):
    """Adds a toleration for each extended resource that a pod requests."""

    resources = PODS

    def __init__(self, config: CompletedConfig) -> None:
        pass

    async def admit(self, attributes: Attributes) -> None:
        pod = attributes.object
        if pod is None or attributes.subresource:
            return
        requested = {
            name
            for container in containers(pod, ("initContainers", "containers"))
            for name in (container.get("resources") or {}).get("requests") or ()
            if is_extended_resource(name)
        }
        tolerations = pod["spec"].get("tolerations") or []
        for name in sorted(requested):
            wanted = {"key": name, "operator": "Exists", "effect": "NoSchedule"}
            same = [t for t in tolerations if all(t.get(k, "") == v for k, v in wanted.items()) and not t.get("value")]
            tolerations = [wanted if t in same else t for t in tolerations] if same else [*tolerations, wanted]
        if requested:
            pod["spec"]["tolerations"] = tolerations
