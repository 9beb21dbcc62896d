"""GenericAPIServer: one member of the delegation chain (upstream: apiserver/pkg/server/genericapiserver.go).

Members are built innermost first, each knowing its delegate. The outermost one is prepared and run; the filters
are in front of it alone. Next: `chain.py` builds them, `endpoints/director.py` sends requests through them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from kubern.endpoints.director import Director, serve_resource
from kubern.endpoints.installer import GroupVersionRoutes, install_resource
from kubern.generic_hooks import generic_hooks
from kubern.options.generic import GenericOptions

if TYPE_CHECKING:
    from kubern.admission.chain import AdmissionChain
    from kubern.apimachinery.codec.scheme import Scheme
    from kubern.apimachinery.resource import APIGroupInfo, ResourceDefinition, Subresource
    from kubern.config import CompletedConfig
    from kubern.contributions import PostStartHook, PreShutdownHook
    from kubern.endpoints.asgi import ASGIApp, Receive, Scope, Send
    from kubern.endpoints.installer import Route
    from kubern.registry.store import ResourceStore
    from kubern.request import RequestContext

logger = logging.getLogger(__name__)
PathHandler = Callable[["RequestContext", "Scope", "Receive", "Send"], Awaitable[None]]
ResourceHandler = Callable[["RequestContext", "Scope", "Receive", "Send"], Awaitable[bool]]
HealthCheck = Callable[[], Awaitable[None]]


class GenericAPIServer:
    """Routes, stores and hooks of one member; shares the completed config with the others."""

    def __init__(self, name: str, config: CompletedConfig, delegate: GenericAPIServer | None = None) -> None:
        self.name = name
        self.config = config
        self.delegate = delegate
        self.api_groups: dict[str, APIGroupInfo] = {}
        self.group_versions: dict[tuple[str, str], GroupVersionRoutes] = {}
        self.stores: dict[tuple[str, str], ResourceStore] = {}
        self.paths: dict[str, PathHandler] = {}
        self.path_prefixes: dict[str, PathHandler] = {}
        self.post_start_hooks: list[PostStartHook] = []
        self.pre_shutdown_hooks: list[PreShutdownHook] = []
        self.health_checks: dict[str, HealthCheck] = {}
        self.find_scheme: Callable[[], Scheme] | None = None
        """Gives the kinds that the member's codecs know, for what they say of bodies of another kind."""
        self.unmatched_resource: ResourceHandler | None = None
        """Asked for resource requests of group-versions without routes; whether it answered."""

    @property
    def admission(self) -> AdmissionChain:
        return self.config.admission

    @property
    def tasks(self) -> Any:
        """Where work that goes on for ever is spawned (`lifecycle.py::Tasks`)."""
        return self.config.tasks

    # ---------------------------------------------------------------- installing

    def install_api_group(self, group: APIGroupInfo) -> None:
        """Serve a group. Installing it again replaces its resources and keeps their stores."""
        self.api_groups[group.group] = group
        for version in group.versions:
            self.group_versions.setdefault((group.group, version), GroupVersionRoutes(group.group, version))
        for definition in group.resources:
            self.install_resource(definition)
        self.config.groups_changed(group.group)

    def install_resource(self, definition: ResourceDefinition) -> None:
        """Serve one resource in all its versions, on the store it already has if any."""
        storage = self._storage(definition)
        for version, routes in install_resource(self, definition, storage):
            table = self.group_versions.setdefault(
                (definition.group, version), GroupVersionRoutes(definition.group, version)
            )
            table.routes.update(routes)

    def _storage(self, definition: ResourceDefinition) -> Any:
        if definition.factory is not None:
            return definition.factory(self)
        shared = definition.cohabits
        if shared is not None and (shared.group, shared.resource) in self.stores:
            return self.stores[shared.group, shared.resource]
        key = (definition.group, definition.resource)
        store = self.stores.get(key)
        if store is None:
            store = self.config.storage_factory.resource_store(definition)
            self.stores[key] = store
        else:
            store.definition = definition
        return store

    def special_storage(self, definition: ResourceDefinition, subresource: Subresource, store: Any) -> Any:
        """The storage of a subresource that is not a view of the object."""
        assert subresource.factory is not None
        return subresource.factory(store, self)

    # ---------------------------------------------------------------- looking up

    def chain(self) -> Iterator[GenericAPIServer]:
        """This member and its delegates, outermost first."""
        member: GenericAPIServer | None = self
        while member is not None:
            yield member
            member = member.delegate

    def find_store(self, group: str, resource: str) -> ResourceStore | None:
        """The store of a resource anywhere in the whole chain, whichever member asks."""
        for member in self.config.outermost.chain():
            store = member.stores.get((group, resource))
            if store is not None:
                return store
        return None

    def definitions_of_kind(self, group: str, kind: str) -> Iterator[ResourceDefinition]:
        """The resources of a kind anywhere in the whole chain, whichever member asks."""
        for member in self.config.outermost.chain():
            for store in list(member.stores.values()):
                definition = store.definition
                if definition.group == group and definition.kind == kind:
                    yield definition

    def find_route(self, group: str, version: str, resource: str, subresource: str = "") -> Route | None:
        """This member's endpoint of a resource, None when it has none."""
        table = self.group_versions.get((group, version))
        return table.routes.get((resource, subresource)) if table is not None else None

    def has_fixed_group(self, group: str) -> bool:
        """Whether a group is this member's for good, so that the server knows what is not in it."""
        return group in self.api_groups

    # ---------------------------------------------------------------- serving

    async def handle(self, ctx: RequestContext, scope: Scope, receive: Receive, send: Send) -> bool:
        """Serve the request if it is this member's; False passes it to the delegate."""
        info = ctx.info
        if info.is_resource_request:
            routes = self.group_versions.get((info.api_group, info.api_version))
            if routes is None:
                if self.unmatched_resource is None:
                    return False
                return await self.unmatched_resource(ctx, scope, receive, send)
            await serve_resource(routes, ctx, receive, send)
            return True
        handler = self.path_handler(info.path)
        if handler is None:
            return False
        await handler(ctx, scope, receive, send)
        return True

    def path_handler(self, path: str) -> PathHandler | None:
        """Who serves a path outside of resources: the exact path, else the longest prefix."""
        handler = self.paths.get(path)
        if handler is not None:
            return handler
        best = ""
        for prefix in self.path_prefixes:
            if path.startswith(prefix) and len(prefix) > len(best):
                best = prefix
        return self.path_prefixes[best] if best else None

    # ---------------------------------------------------------------- running

    def add_post_start_hook(self, hook: PostStartHook) -> None:
        """Run `hook` once the server listens. Raises ValueError for a name that is taken."""
        if any(h.name == hook.name for h in self.post_start_hooks):
            raise ValueError(f"post-start hook {hook.name!r} is registered twice")
        self.post_start_hooks.append(hook)

    def add_pre_shutdown_hook(self, hook: PreShutdownHook) -> None:
        self.pre_shutdown_hooks.append(hook)

    def prepare_run(self) -> PreparedServer:
        """Install what can only be installed when the whole chain stands: discovery, OpenAPI, health."""
        from kubern.endpoints.generic_paths import install_generic_paths
        from kubern.filters.chain import build_handler_chain

        for contributed in self.config.plugins.post_start_hooks():
            self.add_post_start_hook(contributed)
        for hook in self.config.plugins.pre_shutdown_hooks():
            self.add_pre_shutdown_hook(hook)
        self.add_post_start_hook(_concurrency_hook(self.config))
        install_generic_paths(self)
        return PreparedServer(self, build_handler_chain(Director(self), self.config))


def _concurrency_hook(config: CompletedConfig) -> PostStartHook:
    """What goes on beside the filter that limits concurrency."""
    from kubern.contributions import PostStartHook

    async def run(server: GenericAPIServer) -> None:
        if config.flow_control is not None:
            server.tasks.spawn("priority and fairness", config.flow_control.run())

    name = "priority-and-fairness-filter" if config.flow_control is not None else "max-in-flight-filter"
    return PostStartHook(name, run)


class PreparedServer:
    """The whole chain, ready to listen. `app` is the ASGI application, all filters included."""

    def __init__(self, server: GenericAPIServer, app: ASGIApp) -> None:
        self.server = server
        self.app = app

    async def run_post_start_hooks(self) -> None:
        """All hooks at once, on filled watch caches; each one's health check turns good when it returns."""
        stores = {id(s.cacher): s for member in self.server.chain() for s in member.stores.values()}
        await self._fill(stores.values())
        hooks = generic_hooks()
        hooks += [h for member in reversed(list(self.server.chain())) for h in member.post_start_hooks]
        async with asyncio.TaskGroup() as group:
            for hook in hooks:
                group.create_task(self._run_hook(hook), name=f"post-start hook {hook.name}")

    async def _fill(self, stores: Iterable[ResourceStore]) -> None:
        """Wait for the watch caches, --storage-initialization-timeout at most: the server then starts not ready."""
        config = self.server.config
        limit = config.options.section(GenericOptions).storage_initialization_timeout
        filling = asyncio.gather(*(store.cacher.ready() for store in stores))

        def filled(done: asyncio.Future[list[None]]) -> None:
            if not done.cancelled() and done.exception() is None:
                config.health.informers_synced()

        filling.add_done_callback(filled)
        try:
            async with asyncio.timeout(limit or None):
                await asyncio.shield(filling)
        except TimeoutError:
            logger.warning("Storage is not ready after %g s, starting all the same", limit)

    async def _run_hook(self, hook: PostStartHook) -> None:
        from kubern.lifecycle import StartError

        try:
            await hook.run(self.server)
        except Exception as error:  # a plugin's code: whatever it raises, the server ends and names the hook
            raise StartError(f"post-start hook {hook.name} failed: {error!r}") from error
        self.server.config.health.hook_done(hook.name)

    async def run_pre_shutdown_hooks(self, *, while_serving: bool) -> None:
        """Those of one of the two moments, one after the other, outermost member first."""
        for member in self.server.chain():
            for hook in member.pre_shutdown_hooks:
                if hook.while_serving is while_serving:
                    await hook.run(self.server)

    async def close(self) -> None:
        """End background work and close the storage."""
        await self.server.config.close()
