"""The ConfigMap kind (core), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class ConfigMapStrategy(Strategy):
    """Rules of ConfigMap objects."""


RESOURCE = ResourceDefinition(
    group="",
    resource="configmaps",
    kind="ConfigMap",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "ConfigMap")),),
    strategy=ConfigMapStrategy(),
    singular="configmap",
    short_names=("cm",),
)
