"""The PodResizeValidator plugin: no running pod is made larger than its node (upstream: plugin/pkg/admission/podresize)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import UPDATE, Attributes, Handler
from kubern.apimachinery.quantity import Quantity
from kubern.util.goquote import go_quote
from kubern_kubeapi.admission.lister import Lister
from kubern_kubeapi.admission.nodedeclaredfeatures import changes_bound_pod, node_of
from kubern_kubeapi.admission.podresources import pod_totals, quantities
from kubern_kubeapi.admission.pods import PODS

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

Object = dict[str, Any]
GATE = "InPlacePodVerticalScaling"
OS_LABEL = "kubernetes.io/os"
_ZERO = Quantity(0)


class PodResizeValidator(Handler):
    """Compares what a resized pod asks for with what its node can give."""

    operations = (UPDATE,)
    resources = PODS

    def __init__(self, config: CompletedConfig) -> None:
        self._enabled = GATE in config.options.facts.feature_gates
        self._nodes = Lister(config, "", "nodes")

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        if not self._enabled or not changes_bound_pod(attributes, ("resize",)):
            return
        node = await node_of(self._nodes, attributes)
        problem = size_problem(attributes.object or {}, node) or _os_problem(node)
        if problem:
            raise new_forbidden(attributes, problem)


def size_problem(pod: Object, node: Object) -> str:
    """Which requests are more than the node has."""
    allocatable = quantities((node.get("status") or {}).get("allocatable"))
    requests = pod_totals(pod, "requests", overhead=True)
    measures = (("cpu", Quantity.milli_value), ("memory", Quantity.value))
    sizes = [(n, measure(requests.get(n, _ZERO)), measure(allocatable.get(n, _ZERO))) for n, measure in measures]
    shown = [f"{name}, requested: {asked}, allocatable: {has}" for name, asked, has in sizes if asked > has]
    return f"Node didn't have enough allocatable resources: {'; '.join(shown)}" if shown else ""


def _os_problem(node: Object) -> str:
    system = (node["metadata"].get("labels") or {}).get(OS_LABEL, "")
    if system == "linux":
        return ""
    name = go_quote(node["metadata"]["name"])
    return f"pod resize is only supported on linux nodes, node {name} is {go_quote(system)}"
