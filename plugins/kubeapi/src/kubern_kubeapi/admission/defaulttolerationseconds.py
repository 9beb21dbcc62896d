"""The DefaultTolerationSeconds plugin: pods stay on a lost node for a while (upstream: plugin of the same name)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.admission.interface import Attributes, Handler
from kubern_kubeapi.admission.pods import PODS

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"


class DefaultTolerationSeconds(Handler):
    """Adds a toleration for each of the two taints that the pod says nothing about."""

    resources = PODS

    def __init__(self, config: CompletedConfig) -> None:
        from kubern.options.admission import AdmissionOptions

        options = config.options.section(AdmissionOptions)
        self._seconds = {
            NOT_READY: options.default_not_ready_toleration_seconds,
            UNREACHABLE: options.default_unreachable_toleration_seconds,
        }

    async def admit(self, attributes: Attributes) -> None:
        pod = attributes.object
        if pod is None or attributes.subresource:
            return
        spec = pod["spec"]
        own: list[dict[str, Any]] = spec.get("tolerations") or []
        covered = {t.get("key", "") for t in own if t.get("effect", "") in ("", "NoExecute")}
        added = [
            {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": seconds}
            for key, seconds in self._seconds.items()
            if key not in covered and "" not in covered
        ]
        if added:
            spec["tolerations"] = own + added
