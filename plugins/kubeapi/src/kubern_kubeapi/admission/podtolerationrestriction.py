"""The PodTolerationRestriction plugin: a namespace's default and allowed tolerations (upstream: same name).

They stand in annotations of the namespace, else in the plugin's configuration. Next: `tolerations.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from kubern.admission.configuration import plugin_configuration
from kubern.admission.interface import CREATE, Attributes, Handler
from kubern.registry.errors import plain_error
from kubern.util.json_copy import json_copy
from kubern_kubeapi.admission.lister import Lister
from kubern_kubeapi.admission.pods import PODS, annotations_of
from kubern_kubeapi.admission.tolerations import merge_tolerations, verify_against_whitelist
from kubern_kubeapi.groups.core.pod.qos import get_pod_qos

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

Object = dict[str, Any]
DEFAULTS = "scheduler.alpha.kubernetes.io/defaultTolerations"
WHITELIST = "scheduler.alpha.kubernetes.io/tolerationsWhitelist"
_MEMORY_PRESSURE = {"key": "node.kubernetes.io/memory-pressure", "operator": "Exists", "effect": "NoSchedule"}


class PodTolerationRestriction(Handler):
    """Merges the namespace's tolerations into new pods and checks all pods against its whitelist."""

    resources = PODS

    def __init__(self, config: CompletedConfig) -> None:
        document = plugin_configuration(config, "PodTolerationRestriction") or {}
        self._default: list[Object] = document.get("default") or []
        self._whitelist: list[Object] = document.get("whitelist") or []
        self._namespaces = Lister(config, "", "namespaces")

    async def admit(self, attributes: Attributes) -> None:
        """Raises StatusError 500."""
        pod = attributes.object
        if pod is None or attributes.subresource:
            return
        spec = pod["spec"]
        own = spec.get("tolerations") or []
        final = own
        if attributes.operation == CREATE:
            defaults = await self._from_namespace(attributes.namespace, DEFAULTS)
            defaults = json_copy(self._default if defaults is None else defaults)
            final = merge_tolerations(defaults, own) if own else defaults
        if get_pod_qos(pod) != "BestEffort":
            final = merge_tolerations(final, [dict(_MEMORY_PRESSURE)])
        merged = merge_tolerations(final, own)
        if merged:
            spec["tolerations"] = merged
        await self.validate(attributes)

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 500."""
        pod = attributes.object
        if pod is None or attributes.subresource or not pod["spec"].get("tolerations"):
            return
        whitelist, scope = await self._from_namespace(attributes.namespace, WHITELIST), "namespace"
        if whitelist is None:
            whitelist, scope = self._whitelist, "cluster"
        if not verify_against_whitelist(pod["spec"]["tolerations"], whitelist):
            raise plain_error(
                "pod tolerations (possibly merged with namespace default tolerations) conflict with its "
                f"{scope} whitelist"
            )

    async def _from_namespace(self, name: str, annotation: str) -> list[Object] | None:
        namespace = await self._namespaces.get("", name)
        if namespace is None:
            raise plain_error(f'namespace "{name}" not found')
        text = annotations_of(namespace).get(annotation)
        if text is None:
            return None
        try:
            found = orjson.loads(text) if text else []
        except orjson.JSONDecodeError as error:
            raise plain_error(str(error)) from error
        return found if isinstance(found, list) else []
