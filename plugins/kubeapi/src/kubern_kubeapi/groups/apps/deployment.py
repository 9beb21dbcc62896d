"""The Deployment kind (apps), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, ScaleSpec, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class DeploymentStrategy(Strategy):
    """Rules of Deployment objects."""


class DeploymentStatusStrategy(DeploymentStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="apps",
    resource="deployments",
    kind="Deployment",
    versions=(VersionDefinition("v1", schema=schema("apps", "v1", "Deployment")),),
    strategy=DeploymentStrategy(),
    singular="deployment",
    short_names=("deploy",),
    categories=("all",),
    subresources=(
        Subresource("scale", scale=ScaleSpec(), kind="Scale", group="autoscaling", version="v1"),
        Subresource("status", strategy=DeploymentStatusStrategy()),
    ),
)
