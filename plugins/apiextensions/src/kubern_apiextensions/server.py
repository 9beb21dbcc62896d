"""The apiextensions member: definitions, and the resources they define (upstream: apiextensions-apiserver/pkg/apiserver).

Next: `handlers/` for requests, `controllers/` for what happens to definitions, `registry/crd.py` for their storage.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kubern.contributions import PostStartHook
from kubern.server import GenericAPIServer
from kubern_apiextensions.api.scheme import scheme
from kubern_apiextensions.handlers.discovery import publish
from kubern_apiextensions.handlers.dispatch import serve
from kubern_apiextensions.handlers.resources import ServedResources
from kubern_apiextensions.registry.crd import API_GROUP

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Scope, Send
    from kubern.endpoints.installer import Route
    from kubern.request import RequestContext
    from kubern_apiextensions.config import APIExtensionsConfig

NAME = "apiextensions"
GROUP_PRIORITY = 1000
VERSION_PRIORITY = 100
Announce = Callable[[str, str, "tuple[int, int] | None"], None]


class APIExtensionsServer(GenericAPIServer):
    """Serves definitions from route tables as any member does, custom resources from what is defined right now."""

    def __init__(self, config: APIExtensionsConfig, delegate: GenericAPIServer | None) -> None:
        super().__init__(NAME, config.generic, delegate)
        self.find_scheme = scheme
        self.resources = ServedResources(self)
        self.resources.on_group(lambda group: publish(self, self.resources, group))

    async def handle(self, ctx: RequestContext, scope: Scope, receive: Receive, send: Send) -> bool:
        """Definitions and paths as ever; every other resource may be a custom one."""
        info = ctx.info
        if not info.is_resource_request or (info.api_group, info.api_version) in self.group_versions:
            return await super().handle(ctx, scope, receive, send)
        return await serve(self.resources, ctx, receive, send)

    def has_fixed_group(self, group: str) -> bool:
        """Groups of custom resources come and go."""
        return group == API_GROUP.group

    def find_route(self, group: str, version: str, resource: str, subresource: str = "") -> Route | None:
        """An endpoint of definitions or of a custom resource."""
        served = self.resources.get(f"{resource}.{group}")
        if served is not None and served.summary.version(version) is not None:
            return served.route(version, subresource)
        return super().find_route(group, version, resource, subresource)


def new_server(config: APIExtensionsConfig, delegate: GenericAPIServer | None) -> APIExtensionsServer:
    """Install the group and register the controllers as post-start hooks."""
    server = APIExtensionsServer(config, delegate)
    server.install_api_group(API_GROUP)

    async def synced(outermost: GenericAPIServer) -> None:
        await server.resources.ready()
        outermost.tasks.spawn("forget unused schemas", server.resources.forget_unused())

    async def controllers(outermost: GenericAPIServer) -> None:
        from kubern_apiextensions.controllers.start import DefinitionControllers

        await DefinitionControllers(server, server.resources).start()

    server.add_post_start_hook(PostStartHook("start-apiextensions-informers", _nothing))
    server.add_post_start_hook(PostStartHook("start-apiextensions-controllers", controllers))
    server.add_post_start_hook(PostStartHook("crd-informer-synced", synced))
    return server


async def _nothing(server: GenericAPIServer) -> None:
    """Watch caches start themselves; the name of upstream's hook stays for readiness checks."""


def _member(server: GenericAPIServer) -> APIExtensionsServer | None:
    members = server.config.outermost.chain()
    return next((m for m in members if isinstance(m, APIExtensionsServer)), None)


def subscribe_definitions(server: GenericAPIServer, announce: Announce) -> None:
    """Name the definitions' own group-version to the aggregator."""
    if _member(server) is not None:
        for version, priority in zip(API_GROUP.versions, API_GROUP.version_priorities, strict=True):
            announce(API_GROUP.group, version, (API_GROUP.group_priority_minimum, priority))


def subscribe_custom_resources(server: GenericAPIServer, announce: Announce) -> None:
    """Name the group-versions of custom resources to the aggregator, as they come and go."""
    member = _member(server)
    if member is None:
        return
    resources = member.resources
    announced: dict[str, set[str]] = {}

    def changed(group: str) -> None:
        served = {v.name for summary in resources.summaries(group) for v in summary.served()}
        for version in sorted(served):
            announce(group, version, (GROUP_PRIORITY, VERSION_PRIORITY))
        for version in sorted(announced.get(group, set()) - served):
            announce(group, version, None)
        announced[group] = served

    for group in {summary.group for summary in resources.summaries()}:
        changed(group)
    resources.on_group(changed)
