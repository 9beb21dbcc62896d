"""The PriorityLevelConfiguration kind (flowcontrol.apiserver.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class PriorityLevelConfigurationStrategy(Strategy):
    """Rules of PriorityLevelConfiguration objects."""


class PriorityLevelConfigurationStatusStrategy(PriorityLevelConfigurationStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="flowcontrol.apiserver.k8s.io",
    resource="prioritylevelconfigurations",
    kind="PriorityLevelConfiguration",
    versions=(
        VersionDefinition("v1", schema=schema("flowcontrol.apiserver.k8s.io", "v1", "PriorityLevelConfiguration")),
    ),
    strategy=PriorityLevelConfigurationStrategy(),
    namespaced=False,
    singular="prioritylevelconfiguration",
    subresources=(Subresource("status", strategy=PriorityLevelConfigurationStatusStrategy()),),
)
