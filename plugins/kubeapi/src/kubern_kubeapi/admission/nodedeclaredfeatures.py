"""The NodeDeclaredFeatureValidator plugin: a running pod is changed only in ways that its node can follow.

Upstream: plugin/pkg/admission/nodedeclaredfeatures, and the features that component-helpers infers from updates.
Next: `podresize.py`, which looks at the node's size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import UPDATE, Attributes, Handler
from kubern.util.goquote import go_quote
from kubern_kubeapi.admission.lister import Lister
from kubern_kubeapi.admission.podresources import quantities
from kubern_kubeapi.admission.pods import PODS

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

Object = dict[str, Any]
GATE = "NodeDeclaredFeatures"


class NodeDeclaredFeatureValidator(Handler):
    """Compares what an update needs with the node's status.declaredFeatures."""

    operations = (UPDATE,)
    resources = PODS

    def __init__(self, config: CompletedConfig) -> None:
        self._enabled = GATE in config.options.facts.feature_gates
        self._nodes = Lister(config, "", "nodes")

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        if not self._enabled or not changes_bound_pod(attributes, ("", "resize")):
            return
        needed = required_features(attributes.old_object or {}, attributes.object or {})
        if not needed:
            return
        node = await node_of(self._nodes, attributes)
        declared = (node.get("status") or {}).get("declaredFeatures") or ()
        missing = [feature for feature in needed if feature not in declared]
        if missing:
            where = go_quote(node["metadata"]["name"])
            text = f"pod update requires features {', '.join(missing)} which are not available on node {where}"
            raise new_forbidden(attributes, text)


def changes_bound_pod(attributes: Attributes, subresources: tuple[str, ...]) -> bool:
    """Whether a pod that has a node gets another spec through one of these subresources."""
    new, old = attributes.object, attributes.old_object
    if attributes.subresource not in subresources or new is None or old is None or not new["spec"].get("nodeName"):
        return False
    return bool(new["metadata"].get("generation") != old["metadata"].get("generation"))


async def node_of(nodes: Lister, attributes: Attributes) -> Object:
    """The pod's node. Raises StatusError 403 when there is no such node."""
    name = (attributes.object or {})["spec"]["nodeName"]
    node = await nodes.get("", name)
    if node is None:
        raise new_forbidden(attributes, f"node {go_quote(name)} not found")
    return node


def required_features(old: Object, new: Object) -> list[str]:
    """Names of the features that a node needs for an update, in order."""
    return [name for name, needs in _FEATURES if needs(old, new)]


def _resizes_guaranteed_cpu(old: Object, new: Object) -> bool:
    if (old.get("status") or {}).get("qosClass") != "Guaranteed":
        return False
    before, after = ([_cpu_request(c) for c in pod["spec"].get("containers") or ()] for pod in (old, new))
    return any(a != b for a, b in zip(before, after, strict=False))


def _cpu_request(container: Object) -> Any:
    return quantities((container.get("resources") or {}).get("requests")).get("cpu", 0)


def _resizes_pod_level(old: Object, new: Object) -> bool:
    before, after = (
        {field: quantities((pod["spec"].get("resources") or {}).get(field)) for field in ("requests", "limits")}
        for pod in (old, new)
    )
    return before != after


_FEATURES: tuple[tuple[str, Callable[[Object, Object], bool]], ...] = (
    ("GuaranteedQoSPodCPUResize", _resizes_guaranteed_cpu),
    ("InPlacePodLevelResourcesVerticalScaling", _resizes_pod_level),
)
"""What kubelets declare and which updates need it."""
