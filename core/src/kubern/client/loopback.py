"""The loopback client: resources for code inside the server, without sockets, filters or admission.

Upstream: LoopbackClientConfig. Controllers and authorizers read and write through it as system:apiserver.
Objects are fresh dicts in the storage version.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import GroupResource, StatusError, not_found
from kubern.registry.rest import DeleteOptions, ListOptions
from kubern.request import LOOPBACK_USER, RequestContext, RequestInfo
from kubern.util.json_copy import json_copy

if TYPE_CHECKING:
    from kubern.registry.store import ResourceStore
    from kubern.server import GenericAPIServer

Object = dict[str, Any]
Change = Callable[[Object], Object | Awaitable[Object | None] | None]


class LoopbackClient:
    """Reads and writes of any resource of the chain."""

    def __init__(self, server: GenericAPIServer) -> None:
        self.server = server

    def store(self, group: str, resource: str) -> ResourceStore:
        """The store of a resource. Raises StatusError 404 when no member serves it."""
        store = self.server.find_store(group, resource)
        if store is None:
            raise not_found(GroupResource(group, resource), "")
        return store

    def context(self, verb: str, group: str, resource: str, namespace: str = "", name: str = "") -> RequestContext:
        """A request context as a request of the server to itself would have."""
        info = RequestInfo(
            path="",
            verb=verb,
            is_resource_request=True,
            api_group=group,
            namespace=namespace,
            resource=resource,
            name=name,
        )
        return RequestContext(info, user=LOOPBACK_USER)

    async def get(self, group: str, resource: str, namespace: str, name: str) -> Object | None:
        """The object, None when there is none."""
        try:
            return await self.store(group, resource).get_object(namespace, name)
        except StatusError as error:
            if error.code == 404:
                return None
            raise

    async def list(self, group: str, resource: str, namespace: str = "") -> list[Object]:
        """All objects, of one namespace or of all."""
        ctx = self.context("list", group, resource, namespace)
        page = await self.store(group, resource).list(ctx, ListOptions())
        return [entry.decode() for entry in page.entries]

    async def create(self, group: str, resource: str, obj: Object) -> Object:
        """The created object. Raises StatusError."""
        namespace = obj["metadata"].get("namespace", "")
        ctx = self.context("create", group, resource, namespace)
        written = await self.store(group, resource).create(ctx, obj)
        return written.obj

    async def update(self, group: str, resource: str, namespace: str, name: str, change: Change) -> Object:
        """Read, change, write, again after a conflict. `change` may work in place. Raises StatusError."""
        ctx = self.context("update", group, resource, namespace, name)

        async def updated(old: Object | None) -> Object:
            obj = json_copy(old) or {}
            changed = change(obj)
            if isinstance(changed, Awaitable):
                changed = await changed
            return changed if changed is not None else obj

        written = await self.store(group, resource).update(ctx, name, updated)
        return written.obj

    async def delete(
        self, group: str, resource: str, namespace: str, name: str, options: DeleteOptions | None = None
    ) -> bool:
        """Whether there was something to delete."""
        ctx = self.context("delete", group, resource, namespace, name)
        try:
            await self.store(group, resource).delete(ctx, name, options or DeleteOptions())
        except StatusError as error:
            if error.code == 404:
                return False
            raise
        return True
