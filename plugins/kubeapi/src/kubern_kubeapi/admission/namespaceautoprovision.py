"""The NamespaceAutoProvision plugin: a namespace appears with its first object (upstream: namespace/autoprovision)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.admission.interface import CREATE, Attributes, Handler
from kubern.apimachinery.errors import StatusError
from kubern.client.loopback import LoopbackClient
from kubern_kubeapi.admission.lister import Lister

if TYPE_CHECKING:
    from kubern.config import CompletedConfig


class NamespaceAutoProvision(Handler):
    """Creates the namespace of a new object when there is none."""

    operations = (CREATE,)

    def __init__(self, config: CompletedConfig) -> None:
        self._config = config
        self._namespaces = Lister(config, "", "namespaces")

    async def admit(self, attributes: Attributes) -> None:
        """Raises StatusError when the namespace cannot be made."""
        namespace = attributes.namespace
        if attributes.dry_run or not namespace or (attributes.kind == "Namespace" and not attributes.group):
            return
        if await self._namespaces.get("", namespace) is not None:
            return
        try:
            await LoopbackClient(self._config.outermost).create("", "namespaces", {"metadata": {"name": namespace}})
        except StatusError as error:
            if error.reason != "AlreadyExists":
                raise
