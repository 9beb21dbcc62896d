"""The NamespaceExists plugin: nothing happens in namespaces that do not exist (upstream: namespace/exists)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.admission.interface import CREATE, DELETE, UPDATE, Attributes, Handler
from kubern.apimachinery.errors import GroupResource, not_found
from kubern_kubeapi.admission.lister import Lister

if TYPE_CHECKING:
    from kubern.config import CompletedConfig


class NamespaceExists(Handler):
    """As NamespaceLifecycle, for deletions too."""

    operations = (CREATE, UPDATE, DELETE)

    def __init__(self, config: CompletedConfig) -> None:
        self._namespaces = Lister(config, "", "namespaces")

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 404."""
        namespace = attributes.namespace
        if not namespace or (attributes.kind == "Namespace" and not attributes.group):
            return
        if await self._namespaces.get("", namespace) is None:
            raise not_found(GroupResource("", "namespaces"), namespace)
