"""The Binding kind (core), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class BindingStrategy(Strategy):
    """Rules of Binding objects."""


RESOURCE = ResourceDefinition(
    group="",
    resource="bindings",
    kind="Binding",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "Binding")),),
    strategy=BindingStrategy(),
    singular="binding",
    verbs=("create",),
)
