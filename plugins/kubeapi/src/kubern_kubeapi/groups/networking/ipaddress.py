"""The IPAddress kind (networking.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class IPAddressStrategy(Strategy):
    """Rules of IPAddress objects."""


RESOURCE = ResourceDefinition(
    group="networking.k8s.io",
    resource="ipaddresses",
    kind="IPAddress",
    versions=(VersionDefinition("v1", schema=schema("networking.k8s.io", "v1", "IPAddress")),),
    strategy=IPAddressStrategy(),
    namespaced=False,
    singular="ipaddress",
    short_names=("ip",),
)
