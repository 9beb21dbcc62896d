"""What a kubelet may say of its own Node: no labels that attract pods, no taints (upstream: noderestriction.admitNode)."""

from __future__ import annotations

from typing import Any

from kubern.admission.interface import CREATE, UPDATE, Attributes
from kubern.util.goquote import go_quote

Object = dict[str, Any]
RESTRICTED = "node-restriction.kubernetes.io"
_KUBERNETES_DOMAINS = ("kubernetes.io", "k8s.io")
_KUBELET_LABELS = frozenset({
    "kubernetes.io/hostname", "topology.kubernetes.io/zone", "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region",
    "node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type", "kubernetes.io/os", "kubernetes.io/arch",
    "beta.kubernetes.io/os", "beta.kubernetes.io/arch",
})  # fmt: skip
_KUBELET_DOMAINS = ("kubelet.kubernetes.io", "node.kubernetes.io")


def node_problem(attributes: Attributes, node: str) -> str:
    """Why `node` may not do this to a Node, "" when it may."""
    shown = go_quote(node)
    requested = attributes.name
    if attributes.operation == CREATE and attributes.object is not None:
        requested = attributes.object["metadata"].get("name", "") or requested
    if requested != node:
        return f"node {shown} is not allowed to modify node {go_quote(requested)}"
    if attributes.operation == CREATE:
        return _create_problem(attributes.object or {}, shown)
    if attributes.operation == UPDATE:
        return _update_problem(attributes.object or {}, attributes.old_object or {}, shown)
    return ""


def _create_problem(node: Object, shown: str) -> str:
    if (node.get("spec") or {}).get("configSource") is not None:
        return f"node {shown} is not allowed to create pods with a non-nil configSource"
    forbidden = _forbidden_labels(node, {})
    return f"node {shown} is not allowed to set the following labels: {forbidden}" if forbidden else ""


def _update_problem(node: Object, old: Object, shown: str) -> str:
    spec, old_spec = node.get("spec") or {}, old.get("spec") or {}
    source = spec.get("configSource")
    if source is not None and source != old_spec.get("configSource"):
        return f"node {shown} is not allowed to update configSource to a new non-nil configSource"
    if (spec.get("taints") or []) != (old_spec.get("taints") or []):
        return f"node {shown} is not allowed to modify taints"
    forbidden = _forbidden_labels(node, old)
    if forbidden:
        return f"is not allowed to modify labels: {forbidden}"
    references = [(o.get("metadata") or {}).get("ownerReferences") or [] for o in (node, old)]
    return f"node {shown} is not allowed to modify ownerReferences" if references[0] != references[1] else ""


def _forbidden_labels(new: Object, old: Object) -> str:
    """Changed labels that are not a kubelet's to change, in order."""
    labels = (new.get("metadata") or {}).get("labels") or {}
    old_labels = (old.get("metadata") or {}).get("labels") or {}
    changed = {k for k in {*labels, *old_labels} if labels.get(k) != old_labels.get(k)}
    return ", ".join(sorted(key for key in changed if _is_forbidden(key)))


def _is_forbidden(key: str) -> bool:
    domain = key.split("/", 1)[0] if "/" in key else ""
    if _within(domain, (RESTRICTED,)):
        return True
    allowed = key in _KUBELET_LABELS or _within(domain, _KUBELET_DOMAINS)
    return _within(domain, _KUBERNETES_DOMAINS) and not allowed


def _within(domain: str, domains: tuple[str, ...]) -> bool:
    return any(domain == d or domain.endswith("." + d) for d in domains)
