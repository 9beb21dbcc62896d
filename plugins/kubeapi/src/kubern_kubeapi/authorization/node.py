"""The Node authorizer: kubelets see their own node and what runs on it (upstream: plugin/pkg/auth/authorizer/node).

Writes that cannot be judged without their content are let through here and judged by the NodeRestriction admission
plugin. Next: `node_graph.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Final

from kubern.authentication.usernames import NODE_PREFIX, NODES_GROUP
from kubern.authorization.interface import Attributes, Decision, RulesResult
from kubern.util.goquote import go_quote
from kubern_kubeapi.authorization.node_graph import NodeGraph, Vertex
from kubern_kubeapi.authorization.rules import Rule, compile_rules

if TYPE_CHECKING:
    from kubern.config import CompletedConfig
    from kubern.request import User

Answer = tuple[Decision, str]
Judge = Callable[[str, Attributes], Answer]
ALLOW: Final = (Decision.ALLOW, "")
_NO_OPINION: Final = (Decision.NO_OPINION, "")
LEASE_NAMESPACE = "kube-node-lease"
_OWN_VERBS = frozenset({"get", "create", "update", "patch", "delete"})
_READ_VERBS = frozenset({"get", "list", "watch"})
_SLICE_VERBS = "get, watch, list, create, update, patch, delete, deletecollection"
_CERTIFICATES = "certificates.k8s.io"


def node_of(user: User) -> str | None:
    """The node that a user is, "" for a member of system:nodes without a usable name, None for others."""
    if NODES_GROUP not in user.groups or not user.name.startswith(NODE_PREFIX):
        return None
    return user.name.removeprefix(NODE_PREFIX)


def _no(reason: str) -> Answer:
    return Decision.NO_OPINION, reason


class NodeAuthorizer:
    """Allows what nodes need; never denies."""

    def __init__(self, config: CompletedConfig) -> None:
        self._graph = NodeGraph(config)
        self._judges: dict[tuple[str, str], Judge] = {
            ("", "secrets"): self._read_namespaced,
            ("", "configmaps"): self._read_namespaced,
            ("", "persistentvolumeclaims"): self._claim,
            ("", "persistentvolumes"): self._get,
            ("", "serviceaccounts"): self._service_account,
            ("", "nodes"): self._node,
            ("", "pods"): self._pod,
            ("resource.k8s.io", "resourceclaims"): self._get,
            ("resource.k8s.io", "resourceslices"): self._resource_slice,
            ("storage.k8s.io", "volumeattachments"): self._get,
            ("storage.k8s.io", "csinodes"): self._csi_node,
            ("coordination.k8s.io", "leases"): self._lease,
            (_CERTIFICATES, "podcertificaterequests"): self._certificate_request,
        }

    async def authorize(self, attributes: Attributes) -> Answer:
        """ALLOW, or NO_OPINION with what is wrong with a node's request."""
        node = node_of(attributes.user)
        if node is None:
            return _NO_OPINION
        if not node:
            return _no(f"unknown node for user {go_quote(attributes.user.name)}")
        if attributes.resource_request:
            judge = self._judges.get((attributes.api_group, attributes.resource))
            if judge is not None:
                await self._graph.ready()
                return judge(node, attributes)
        return ALLOW if any(rule.allows(attributes) for rule in self._rules) else _NO_OPINION

    async def rules_for(self, user: User, namespace: str) -> RulesResult:
        """Nothing, and for nodes the remark that this is not all."""
        if node_of(user) is None:
            return RulesResult([], [], False)
        return RulesResult([], [], True, "node authorizer does not support user rule resolution")

    @cached_property
    def _rules(self) -> tuple[Rule, ...]:
        """What all nodes may alike: the rules of the cluster role system:node as it is shipped."""
        from kubern_kubeapi.controllers.bootstrap_objects import bundled

        roles = bundled("rbac")["clusterroles"]
        return compile_rules(next(role for role in roles if role["metadata"]["name"] == "system:node"))

    # ---------------------------------------------------------------- through the graph

    def _related(self, node: str, attributes: Attributes) -> Answer:
        if not attributes.name:
            return _no("No Object name found")
        if self._graph.has_path(node, Vertex(attributes.resource, attributes.namespace, attributes.name)):
            return ALLOW
        return _no(f"no relationship found between node '{node}' and this object")

    def _get(self, node: str, attributes: Attributes) -> Answer:
        if attributes.verb != "get":
            return _no("can only get individual resources of this type")
        if attributes.subresource:
            return _no("cannot get subresource")
        return self._related(node, attributes)

    def _read_namespaced(self, node: str, attributes: Attributes) -> Answer:
        if attributes.verb not in _READ_VERBS:
            return _no("can only read resources of this type")
        if attributes.subresource:
            return _no("cannot read subresource")
        if not attributes.namespace:
            return _no("can only read namespaced object of this type")
        return self._related(node, attributes)

    def _claim(self, node: str, attributes: Attributes) -> Answer:
        if attributes.subresource != "status":
            return self._get(node, attributes)
        if attributes.verb not in ("update", "patch"):
            return _no("can only get/update/patch this type")
        return self._related(node, attributes)

    def _service_account(self, node: str, attributes: Attributes) -> Answer:
        """An account of a pod on the node, or a token for it."""
        if attributes.verb == "get" and not attributes.subresource:
            return self._get(node, attributes)
        if attributes.verb != "create" or not attributes.name:
            return _no("can only create tokens for individual service accounts")
        if attributes.subresource != "token":
            return _no("can only create token subresource of serviceaccount")
        return self._related(node, attributes)

    # ---------------------------------------------------------------- by name and selector

    def _lease(self, node: str, attributes: Attributes) -> Answer:
        if attributes.verb not in _OWN_VERBS:
            return _no("can only get, create, update, patch, or delete a node lease")
        if attributes.namespace != LEASE_NAMESPACE:
            return _no(f"can only access leases in the {go_quote(LEASE_NAMESPACE)} system namespace")
        if attributes.verb != "create" and attributes.name != node:
            return _no("can only access node lease with the same name as the requesting node")
        return ALLOW

    def _csi_node(self, node: str, attributes: Attributes) -> Answer:
        if attributes.verb not in _OWN_VERBS:
            return _no("can only get, create, update, patch, or delete a CSINode")
        if attributes.subresource:
            return _no("cannot authorize CSINode subresources")
        if attributes.verb != "create" and attributes.name != node:
            return _no("can only access CSINode with the same name as the requesting node")
        return ALLOW

    def _resource_slice(self, node: str, attributes: Attributes) -> Answer:
        verb = attributes.verb
        if attributes.subresource:
            return _no("cannot authorize ResourceSlice subresources")
        if verb == "create":
            return ALLOW
        if verb in ("get", "update", "patch", "delete"):
            return self._related(node, attributes)
        if verb not in ("watch", "list", "deletecollection"):
            return _no(f"only the following verbs are allowed for a ResourceSlice: {_SLICE_VERBS}")
        if _selects(attributes, "nodeName", node) or _selects(attributes, "spec.nodeName", node):
            return ALLOW
        return _no("can only list/watch/deletecollection resourceslices with nodeName field selector")

    def _certificate_request(self, node: str, attributes: Attributes) -> Answer:
        verb = attributes.verb
        if attributes.subresource:
            return _no("PodCertificateRequest subresources are not accessible to nodes")
        if verb == "create":
            return ALLOW
        if verb == "get":
            return self._related(node, attributes)
        if verb in ("list", "watch"):
            if _selects(attributes, "spec.nodeName", node):
                return ALLOW
            return _no("can only list/watch podcertificaterequests with spec.nodeName field selector")
        return _no("nodes can only get, list, watch and create podcertificaterequests")

    def _node(self, node: str, attributes: Attributes) -> Answer:
        verb = attributes.verb
        if attributes.subresource == "status":
            return ALLOW if verb in ("update", "patch") else _NO_OPINION
        if attributes.subresource:
            return _NO_OPINION
        if verb in ("create", "update", "patch"):
            return ALLOW
        if verb not in _READ_VERBS:
            return _NO_OPINION
        if attributes.name == node:
            return ALLOW
        what = f"'{attributes.name}'" if attributes.name else "all nodes"
        return _no(f"node '{node}' cannot read {what}, only its own Node object")

    def _pod(self, node: str, attributes: Attributes) -> Answer:
        verb, subresource = attributes.verb, attributes.subresource
        if subresource == "status":
            return ALLOW if verb in ("update", "patch") else _NO_OPINION
        if subresource == "eviction":
            return ALLOW if verb == "create" else _NO_OPINION
        if subresource or verb not in ("get", "list", "watch", "create", "delete"):
            return _NO_OPINION
        if verb in ("create", "delete"):
            return ALLOW
        if verb == "get":
            return self._get(node, attributes)
        if _selects(attributes, "spec.nodeName", node):
            return ALLOW
        if attributes.name:
            return self._related(node, attributes)
        return _no("can only list/watch pods with spec.nodeName field selector")


def _selects(attributes: Attributes, field: str, value: str) -> bool:
    """Whether the field selector asks for objects with just this value."""
    return any(r[0] == field and r[1] in ("=", "==") and r[2] == (value,) for r in attributes.field_requirements)
