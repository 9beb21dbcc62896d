"""The PodTemplate kind (core), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class PodTemplateStrategy(Strategy):
    """Rules of PodTemplate objects."""


RESOURCE = ResourceDefinition(
    group="",
    resource="podtemplates",
    kind="PodTemplate",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "PodTemplate")),),
    strategy=PodTemplateStrategy(),
    singular="podtemplate",
)
