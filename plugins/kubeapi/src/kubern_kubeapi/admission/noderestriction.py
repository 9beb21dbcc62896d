"""The NodeRestriction plugin: a kubelet writes what belongs to its node only.

Upstream: plugin/pkg/admission/noderestriction. Next: `noderestriction_node.py`, `noderestriction_pods.py`,
`noderestriction_audience.py`.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import CREATE, DELETE, UPDATE, Attributes, Handler
from kubern.util.goquote import go_quote
from kubern_kubeapi.admission.lister import Lister
from kubern_kubeapi.admission.noderestriction_audience import Audiences
from kubern_kubeapi.admission.noderestriction_node import node_problem
from kubern_kubeapi.admission.noderestriction_pods import claim_status_problem, mirror_pod_problem, pod_status_problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from kubern.config import CompletedConfig
    from kubern.request import User

Object = dict[str, Any]
USER_PREFIX = "system:node:"
GROUP = "system:nodes"
LEASE_NAMESPACE = "kube-node-lease"
KUBELET_SIGNERS = frozenset({"kubernetes.io/kubelet-serving", "kubernetes.io/kube-apiserver-client-kubelet"})


def node_identity(user: User) -> str | None:
    """The node a user is, None for one that is no node (upstream: nodeidentifier)."""
    if not user.name.startswith(USER_PREFIX) or GROUP not in user.groups:
        return None
    return user.name[len(USER_PREFIX) :]


class NodeRestriction(Handler):
    """Checks the writes of nodes, resource by resource."""

    operations = (CREATE, UPDATE, DELETE)

    def __init__(self, config: CompletedConfig) -> None:
        self._pods = Lister(config, "", "pods")
        self._nodes = Lister(config, "", "nodes")
        self._audiences = Audiences(config)
        self._checks: dict[tuple[str, str], Callable[[Attributes, str], Awaitable[str]]] = {
            ("", "pods"): self._check_pod,
            ("", "nodes"): self._check_node,
            ("", "persistentvolumeclaims"): self._check_claim,
            ("", "serviceaccounts"): self._check_token,
            ("coordination.k8s.io", "leases"): self._check_lease,
            ("storage.k8s.io", "csinodes"): self._check_csi_node,
            ("resource.k8s.io", "resourceslices"): self._check_resource_slice,
            ("certificates.k8s.io", "certificatesigningrequests"): self._check_certificate_request,
        }

    async def admit(self, attributes: Attributes) -> None:
        """Raises StatusError 403, 404."""
        node = node_identity(attributes.user)
        check = self._checks.get((attributes.group, attributes.resource))
        if node is None or check is None:
            return
        problem = f"could not determine node from user {go_quote(attributes.user.name)}"
        if node:
            problem = await check(attributes, node)
        if problem:
            raise new_forbidden(attributes, problem)

    # ---------------------------------------------------------------- pods

    async def _check_pod(self, attributes: Attributes, node: str) -> str:
        if attributes.subresource == "status":
            return pod_status_problem(attributes, node)
        if attributes.subresource == "eviction":
            return await self._eviction_problem(attributes, node)
        if attributes.subresource:
            shown = go_quote(attributes.subresource)
            return f"unexpected pod subresource {shown}, only 'status' and 'eviction' are allowed"
        if attributes.operation == CREATE:
            return await self._new_pod_problem(attributes, node)
        if attributes.operation == DELETE:
            pod = await self._pod(attributes, attributes.name)
            if pod["spec"].get("nodeName") != node:
                return f"node {go_quote(node)} can only delete pods with spec.nodeName set to itself"
            return ""
        operation = go_quote(attributes.operation)
        return f"unexpected operation {operation}, node {go_quote(node)} can only create and delete mirror pods"

    async def _new_pod_problem(self, attributes: Attributes, node: str) -> str:
        pod = attributes.object or {}
        problem, owner_uid = mirror_pod_problem(pod, node)
        if problem and not owner_uid:
            return problem
        stored = await self._nodes.get("", node)
        if stored is None:
            from kubern.apimachinery.errors import GroupResource, not_found

            raise not_found(GroupResource("", "nodes"), node)
        uid = stored["metadata"].get("uid", "")
        if uid != owner_uid:
            return f"node {node} UID mismatch: expected {owner_uid} got {uid}"
        return problem

    async def _eviction_problem(self, attributes: Attributes, node: str) -> str:
        if attributes.operation != CREATE:
            return f"unexpected operation {attributes.operation}, node {node} can only evict pods"
        name = attributes.name or ((attributes.object or {}).get("metadata") or {}).get("name", "")
        if not name:
            return "could not determine pod from request data"
        pod = await self._pod(attributes, name)
        if pod["spec"].get("nodeName") != node:
            return f"node {node} can only evict pods with spec.nodeName set to itself"
        return ""

    async def _pod(self, attributes: Attributes, name: str) -> Object:
        pod = await self._pods.get(attributes.namespace, name)
        if pod is None:
            from kubern.apimachinery.errors import GroupResource, not_found

            raise not_found(GroupResource("", "pods"), name)
        return pod

    # ---------------------------------------------------------------- the others

    async def _check_node(self, attributes: Attributes, node: str) -> str:
        return node_problem(attributes, node)

    async def _check_claim(self, attributes: Attributes, node: str) -> str:
        if attributes.subresource != "status":
            return "may only update PVC status"
        return claim_status_problem(attributes, node)

    async def _check_token(self, attributes: Attributes, node: str) -> str:
        if attributes.operation != CREATE or attributes.subresource != "token":
            return ""
        spec = (attributes.object or {}).get("spec") or {}
        reference = spec.get("boundObjectRef") or {}
        if reference.get("apiVersion") != "v1" or reference.get("kind") != "Pod" or not reference.get("name"):
            return "node requested token not bound to a pod"
        uid = reference.get("uid", "")
        if not uid:
            return "node requested token with a pod binding without a uid"
        pod = await self._pod(attributes, reference["name"])
        if pod["metadata"].get("uid") != uid:
            return (
                f"the UID in the bound object reference ({uid}) does not match the UID in record. The object might "
                "have been deleted and then recreated"
            )
        if pod["spec"].get("nodeName") != node:
            return "node requested token bound to a pod scheduled on a different node"
        return await self._audiences.problem(attributes, spec.get("audiences") or [], pod)

    async def _check_lease(self, attributes: Attributes, node: str) -> str:
        if attributes.namespace != LEASE_NAMESPACE:
            return f"can only access leases in the {go_quote(LEASE_NAMESPACE)} system namespace"
        if _written_name(attributes) != node:
            return "can only access node lease with the same name as the requesting node"
        return ""

    async def _check_csi_node(self, attributes: Attributes, node: str) -> str:
        if _written_name(attributes) != node:
            return "can only access CSINode with the same name as the requesting node"
        return ""

    async def _check_resource_slice(self, attributes: Attributes, node: str) -> str:
        word = {CREATE: "create", UPDATE: "update", DELETE: "delete"}[attributes.operation]
        written = attributes.object if attributes.operation == CREATE else attributes.old_object
        if ((written or {}).get("spec") or {}).get("nodeName") != node:
            return f"can only {word} ResourceSlice with the same NodeName as the requesting node"
        return ""

    async def _check_certificate_request(self, attributes: Attributes, node: str) -> str:
        spec = (attributes.object or {}).get("spec") or {}
        if attributes.operation != CREATE or attributes.subresource or spec.get("signerName") not in KUBELET_SIGNERS:
            return ""
        from kubern_kubeapi.groups.certificates.asn1 import Problem
        from kubern_kubeapi.groups.certificates.pem import common_name, parse_request

        try:
            name = common_name(parse_request(base64.b64decode(spec.get("request") or "")))
        except Problem as problem:
            return f"unable to parse csr: {problem}"
        if name != attributes.user.name:
            return f"can only create a node CSR with CN={attributes.user.name}"
        return ""


def _written_name(attributes: Attributes) -> str:
    if attributes.operation == CREATE and attributes.object is not None:
        return str(attributes.object["metadata"].get("name", ""))
    return attributes.name
