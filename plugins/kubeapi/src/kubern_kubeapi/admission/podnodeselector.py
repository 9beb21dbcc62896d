"""The PodNodeSelector plugin: a namespace's pods stay on its nodes (upstream: plugin/pkg/admission/podnodeselector)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.admission.configuration import plugin_configuration
from kubern.admission.errors import new_forbidden
from kubern.admission.interface import Attributes, Handler
from kubern.registry.errors import plain_error
from kubern_kubeapi.admission.lister import Lister
from kubern_kubeapi.admission.pods import PODS, annotations_of

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

ANNOTATION = "scheduler.alpha.kubernetes.io/node-selector"
CLUSTER_DEFAULT = "clusterDefaultNodeSelector"


class PodNodeSelector(Handler):
    """Adds the namespace's node selector to pods, and keeps them to the configured one."""

    resources = PODS

    def __init__(self, config: CompletedConfig) -> None:
        document = plugin_configuration(config, "PodNodeSelector") or {}
        self._selectors: dict[str, str] = document.get("podNodeSelectorPluginConfig") or document
        self._namespaces = Lister(config, "", "namespaces")

    async def admit(self, attributes: Attributes) -> None:
        """Raises StatusError 403, 500."""
        pod = attributes.object
        if pod is None or attributes.subresource:
            return
        namespace_selector = await self._namespace_selector(attributes)
        own = pod["spec"].get("nodeSelector") or {}
        if _conflict(namespace_selector, own):
            raise new_forbidden(attributes, "pod node label selector conflicts with its namespace node label selector")
        merged = {**namespace_selector, **own}
        if merged:
            pod["spec"]["nodeSelector"] = merged
        await self.validate(attributes)

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403, 500."""
        pod = attributes.object
        if pod is None or attributes.subresource:
            return
        own = pod["spec"].get("nodeSelector") or {}
        if _conflict(await self._namespace_selector(attributes), own):
            raise new_forbidden(attributes, "pod node label selector conflicts with its namespace node label selector")
        whitelist = _labels(self._selectors.get(attributes.namespace, ""))
        if whitelist and any(whitelist.get(key) != value for key, value in own.items()):
            raise new_forbidden(attributes, "pod node label selector labels conflict with its namespace whitelist")

    async def _namespace_selector(self, attributes: Attributes) -> dict[str, str]:
        namespace: dict[str, Any] | None = await self._namespaces.get("", attributes.namespace)
        if namespace is None:
            raise plain_error(f'namespace "{attributes.namespace}" not found')
        text = annotations_of(namespace).get(ANNOTATION)
        return _labels(text if text is not None else self._selectors.get(CLUSTER_DEFAULT, ""))


def _labels(text: str) -> dict[str, str]:
    """A selector of equalities as labels (upstream: ConvertSelectorToLabelsMap). Raises StatusError 500."""
    labels = {}
    for part in filter(None, text.split(",")):
        key, equals, value = part.partition("=")
        if not equals or "=" in value:
            raise plain_error(f"invalid selector: [{part}]")
        labels[key.strip()] = value.strip()
    return labels


def _conflict(a: dict[str, str], b: dict[str, str]) -> bool:
    return any(b.get(key, value) != value for key, value in a.items())
