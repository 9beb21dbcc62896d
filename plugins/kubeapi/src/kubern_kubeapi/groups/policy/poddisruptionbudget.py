"""The PodDisruptionBudget kind (policy), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class PodDisruptionBudgetStrategy(Strategy):
    """Rules of PodDisruptionBudget objects."""


class PodDisruptionBudgetStatusStrategy(PodDisruptionBudgetStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="policy",
    resource="poddisruptionbudgets",
    kind="PodDisruptionBudget",
    versions=(VersionDefinition("v1", schema=schema("policy", "v1", "PodDisruptionBudget")),),
    strategy=PodDisruptionBudgetStrategy(),
    singular="poddisruptionbudget",
    short_names=("pdb",),
    subresources=(Subresource("status", strategy=PodDisruptionBudgetStatusStrategy()),),
)
