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
    from kubern.endpoints.scope import RequestScope
    from kubern.registry.store import ResourceStore
    from kubern.server import GenericAPIServer

Object = dict[str, Any]
Change = Callable[[Object], Object | Awaitable[Object | None] | None]


MANAGER = "kube-apiserver"
"""Who owns the fields that the server itself writes."""


class LoopbackClient:
    """Reads and writes of any resource of the chain; `manager` owns the fields it writes."""

    def __init__(self, server: GenericAPIServer, manager: str = MANAGER) -> None:
        self.server = server
        self.manager = manager

    def store(self, group: str, resource: str) -> ResourceStore:
        """The store of a resource. Raises StatusError 404 when no member serves it."""
        store = self.server.find_store(group, resource)
        if store is None:
            raise not_found(GroupResource(group, resource), "")
        return store

    def scope(self, group: str, resource: str, subresource: str = "") -> RequestScope:
        """The endpoint of a resource in its storage version. Raises StatusError 404."""
        version = self.store(group, resource).definition.hub_version
        for member in self.server.config.outermost.chain():
            route = member.find_route(group, version, resource, subresource)
            if route is not None:
                return route.scope
        raise not_found(GroupResource(group, resource), "")

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
        """The created object; `obj` is in the storage version and gets defaults. Raises StatusError."""
        scope = self.scope(group, resource)
        meta = obj.setdefault("metadata", {})
        obj.setdefault("apiVersion", scope.api_version)
        obj.setdefault("kind", scope.kind)
        scope.codec.normalise(obj, False)
        if scope.version.default is not None:
            scope.version.default(obj)
        obj = scope.field_manager.update_no_errors(scope.empty_object(), obj, self.manager)
        ctx = self.context("create", group, resource, meta.get("namespace", ""))
        written = await scope.storage.create(ctx, obj)
        return written.obj  # type: ignore[no-any-return]

    async def update(
        self, group: str, resource: str, namespace: str, name: str, change: Change, *, subresource: str = ""
    ) -> Object:
        """Read, change, write, again after a conflict. `change` may work in place. Raises StatusError."""
        scope = self.scope(group, resource, subresource)
        ctx = self.context("update", group, resource, namespace, name)
        ctx.info.subresource = subresource

        async def updated(old: Object | None) -> Object:
            live = json_copy(old) or {}
            obj = json_copy(live)
            changed = change(obj)
            if isinstance(changed, Awaitable):
                changed = await changed
            obj = changed if changed is not None else obj
            return scope.field_manager.update_no_errors(live, obj, self.manager)

        written = await scope.storage.update(ctx, name, updated, strategy=scope.strategy)
        return written.obj  # type: ignore[no-any-return]

    async def apply(
        self, group: str, resource: str, namespace: str, name: str, patch: Object, *, subresource: str = ""
    ) -> Object:
        """Server-side apply to an object there is, taking fields over from others. Raises StatusError."""
        scope = self.scope(group, resource, subresource)
        ctx = self.context("patch", group, resource, namespace, name)
        ctx.info.subresource = subresource

        async def updated(old: Object | None) -> Object:
            return scope.field_manager.apply(json_copy(old), patch, self.manager, force=True)

        written = await scope.storage.update(ctx, name, updated, strategy=scope.strategy)
        return written.obj  # type: ignore[no-any-return]

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
