"""The Binding kind (core), namespaced. Next: `pod/binding.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema

if TYPE_CHECKING:
    from kubern.server import GenericAPIServer


def _storage(server: GenericAPIServer) -> object:
    from kubern_kubeapi.groups.core.pod.binding import LegacyBindingStorage

    return LegacyBindingStorage(server)


RESOURCE = ResourceDefinition(
    group="",
    resource="bindings",
    kind="Binding",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "Binding")),),
    strategy=Strategy(),
    singular="binding",
    verbs=("create",),
    factory=_storage,
)
