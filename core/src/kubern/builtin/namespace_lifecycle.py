"""The NamespaceLifecycle admission plugin: no content in missing or terminating namespaces.

Upstream: admission/plugin/namespace/lifecycle. The namespace is read from the watch cache of this process, which
is never behind what was acknowledged here; there is no need for upstream's live look-ups and waiting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import CREATE, DELETE, UPDATE, Attributes
from kubern.apimachinery.errors import GroupResource, forbidden, not_found
from kubern.builtin.namespace_store import TERMINATING

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

NAMESPACES = GroupResource("", "namespaces")
IMMORTAL = frozenset({"default", "kube-system", "kube-public"})
_ACCESS_REVIEW = ("authorization.k8s.io", "localsubjectaccessreviews")


class NamespaceLifecycle:
    """Asks for the namespace of every namespaced create and update."""

    def __init__(self, config: CompletedConfig) -> None:
        self.config = config

    def handles(self, operation: str) -> bool:
        return operation in (CREATE, UPDATE, DELETE)

    async def admit(self, attributes: Attributes) -> None:
        """Raises StatusError 403 or 404."""
        is_namespace = attributes.kind == "Namespace" and not attributes.group
        if is_namespace:
            if attributes.operation == DELETE and attributes.name in IMMORTAL:
                raise forbidden(NAMESPACES, attributes.name, "this namespace may not be deleted")
            return
        namespace = attributes.namespace
        if not namespace or attributes.operation == DELETE:
            return
        if (attributes.group, attributes.resource) == _ACCESS_REVIEW:
            return
        store = self.config.outermost.find_store("", "namespaces")
        if store is None:
            return
        entry = await store.cacher.get(store.key("", namespace))
        if entry is None:
            raise not_found(NAMESPACES, namespace)
        terminating = b"Terminating" in entry.value and entry.decode().get("status", {}).get("phase") == TERMINATING
        if attributes.operation == CREATE and terminating:
            error = new_forbidden(
                attributes, f"unable to create new content in namespace {namespace} because it is being terminated"
            )
            assert error.details is not None
            error.details["causes"] = [
                {
                    "reason": "NamespaceTerminating",
                    "message": f"namespace {namespace} is being terminated",
                    "field": "metadata.namespace",
                }
            ]
            raise error
