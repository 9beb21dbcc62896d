"""The Secret kind (core), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class SecretStrategy(Strategy):
    """Rules of Secret objects."""


RESOURCE = ResourceDefinition(
    group="",
    resource="secrets",
    kind="Secret",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "Secret")),),
    strategy=SecretStrategy(),
    singular="secret",
)
