"""What a kubelet may do to pods and claims (upstream: noderestriction.admitPodCreate, admitPodStatus, admitPVCStatus)."""

from __future__ import annotations

from typing import Any

from kubern.admission.interface import UPDATE, Attributes
from kubern.util.goquote import go_quote
from kubern_kubeapi.admission.pods import MIRROR_ANNOTATION, config_map_names, is_mirror_pod, secret_names, volumes

Object = dict[str, Any]
_CLAIM_STATUS_FIELDS = ("capacity", "conditions", "allocatedResources", "allocatedResourceStatuses")


def mirror_pod_problem(pod: Object, node: str) -> tuple[str, str]:
    """Why `node` may not create this pod, and the UID that it gives for itself.

    With a UID the problem, if any, comes after the check whether that is the node's.
    """
    shown = go_quote(node)
    if not is_mirror_pod(pod):
        text = f"pod does not have {go_quote(MIRROR_ANNOTATION)} annotation, node {shown} can only create mirror pods"
        return text, ""
    if pod["spec"].get("nodeName") != node:
        return f"node {shown} can only create pods with spec.nodeName set to itself", ""
    references = pod["metadata"].get("ownerReferences") or []
    if len(references) > 1:
        return f"node {shown} can only create pods with a single owner reference set to itself", ""
    owner = references[0] if references else {}
    if (owner.get("apiVersion"), owner.get("kind"), owner.get("name")) != ("v1", "Node", node):
        return f"node {shown} can only create pods with an owner reference set to itself", ""
    if not owner.get("controller"):
        return f"node {shown} can only create pods with a controller owner reference set to itself", ""
    if owner.get("blockOwnerDeletion"):
        return f"node {shown} must not set blockOwnerDeletion on an owner reference", ""
    referenced = _referenced(pod)
    problem = f"node {shown} can not create pods that reference {referenced}" if referenced else ""
    return problem, owner.get("uid", "")


def _referenced(pod: Object) -> str:
    """What other API objects a pod refers to."""
    spec = pod["spec"]
    if spec.get("serviceAccountName"):
        return "a service account"
    if next(secret_names(pod), None) is not None:
        return "secrets"
    if next(config_map_names(pod), None) is not None:
        return "configmaps"
    for volume in volumes(pod):
        sources = (volume.get("projected") or {}).get("sources") or ()
        if any(s.get("clusterTrustBundle") is not None for s in sources):
            return "clustertrustbundles"
    for volume in volumes(pod):
        if volume.get("persistentVolumeClaim") is not None:
            return "persistentvolumeclaims"
    return "resourceclaims" if spec.get("resourceClaims") else ""


def pod_status_problem(attributes: Attributes, node: str) -> str:
    """Why `node` may not write this pod's status."""
    shown = go_quote(node)
    if attributes.operation != UPDATE:
        return f"unexpected operation {go_quote(attributes.operation)}, node {shown} can only update pod status"
    new, old = attributes.object or {}, attributes.old_object or {}
    if (old.get("spec") or {}).get("nodeName") != node:
        return f"node {shown} can only update pod status for pods with spec.nodeName set to itself"
    labels = [(o.get("metadata") or {}).get("labels") or {} for o in (new, old)]
    if labels[0] != labels[1]:
        return f"node {shown} cannot update labels through pod status"
    statuses = [o.get("status") or {} for o in (new, old)]
    claims = [status.get("resourceClaimStatuses") or [] for status in statuses]
    if claims[0] != claims[1]:
        # The spelling is upstream's.
        return f"node {shown} cannot update resource claim statues"
    if statuses[0].get("extendedResourceClaimStatus") != statuses[1].get("extendedResourceClaimStatus"):
        return f"node {shown} cannot update extended resource claim status"
    return ""


def claim_status_problem(attributes: Attributes, node: str) -> str:
    """Why `node` may not write this claim's status."""
    if attributes.operation != UPDATE:
        return f"unexpected operation {go_quote(attributes.operation)}"
    if _without_status_fields(attributes.object or {}) == _without_status_fields(attributes.old_object or {}):
        return ""
    text = "is not allowed to update fields other than status.capacity and status.conditions"
    # Differs from kube-apiserver: it appends a dump of both objects' differences in Go syntax.
    return f"node {go_quote(node)} {text}"


def _without_status_fields(claim: Object) -> Object:
    # An update need not name the version that it replaces.
    ignored = ("managedFields", "resourceVersion")
    meta = {k: v for k, v in (claim.get("metadata") or {}).items() if k not in ignored}
    status = {k: v for k, v in (claim.get("status") or {}).items() if k not in _CLAIM_STATUS_FIELDS}
    return {**claim, "metadata": meta, "status": status}
