"""The OwnerReferencesPermissionEnforcement plugin: no deletion by detour (upstream: plugin/pkg/admission/gc).

Who changes owner references must be allowed to delete the object, and who makes it block its owner's deletion must be
allowed to set the owner's finalizers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import CREATE, Attributes, Handler
from kubern.authorization.interface import Attributes as Question
from kubern.authorization.interface import Decision

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubern.apimachinery.resource import ResourceDefinition
    from kubern.config import CompletedConfig

Object = dict[str, Any]
_EXEMPT = frozenset({("", "pods", "status")})


class OwnerReferencesPermissionEnforcement(Handler):
    """Looks at every change of owner references."""

    def __init__(self, config: CompletedConfig) -> None:
        self._config = config

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        if (attributes.group, attributes.resource, attributes.subresource) in _EXEMPT or attributes.object is None:
            return
        new, old = _references(attributes.object), _references(attributes.old_object)
        if new == old:
            return
        if attributes.operation != CREATE:
            await self._check_may_delete(attributes)
        for reference in _newly_blocking(new, old):
            await self._check_may_block(attributes, reference)

    async def _check_may_delete(self, attributes: Attributes) -> None:
        question = Question(
            attributes.user,
            "delete",
            resource_request=True,
            api_group=attributes.group,
            api_version=attributes.version,
            namespace=attributes.namespace,
            resource=attributes.resource,
            subresource=attributes.subresource,
            name=attributes.name,
        )
        decision, reason = await self._config.authorizer.authorize(question)
        if decision is not Decision.ALLOW:
            text = f"cannot set an ownerRef on a resource you can't delete: {reason}, <nil>"
            raise new_forbidden(attributes, text)

    async def _check_may_block(self, attributes: Attributes, reference: Object) -> None:
        owners = list(self._definitions(reference))
        if not owners:
            api_version, kind = reference.get("apiVersion", ""), reference.get("kind", "")
            raise new_forbidden(
                attributes,
                "cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion "
                f'{api_version} Kind {kind}: no matches for kind "{kind}" in version "{api_version}"',
            )
        for definition, version in owners:
            question = Question(
                attributes.user,
                "update",
                resource_request=True,
                api_group=definition.group,
                api_version=version,
                namespace=attributes.namespace if definition.namespaced else "",
                resource=definition.resource,
                subresource="finalizers",
                name=reference.get("name", ""),
            )
            decision, reason = await self._config.authorizer.authorize(question)
            if decision is not Decision.ALLOW:
                raise new_forbidden(
                    attributes,
                    "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers "
                    f"on: {reason}, <nil>",
                )

    def _definitions(self, reference: Object) -> Iterator[tuple[ResourceDefinition, str]]:
        group, _, version = reference.get("apiVersion", "").rpartition("/")
        for definition in self._config.outermost.definitions_of_kind(group, reference.get("kind", "")):
            found = definition.version(version)
            if found is not None and found.served:
                yield definition, version


def _references(obj: Object | None) -> list[Object]:
    return [] if obj is None else obj["metadata"].get("ownerReferences") or []


def _newly_blocking(new: list[Object], old: list[Object]) -> list[Object]:
    """References that block their owner's deletion and did not before."""
    blocking = {r.get("uid") for r in old if r.get("blockOwnerDeletion")}
    return [r for r in new if r.get("blockOwnerDeletion") and r.get("uid") not in blocking]
