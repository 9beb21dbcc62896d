"""What the aggregator starts once the server listens, under upstream's names and in its order.

Each hook waits for those before it whose work it needs. Next: `controllers/`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kubern.client.loopback import LoopbackClient
from kubern.contributions import PostStartHook, PreShutdownHook
from kubern.endpoints.discovery.install import discovery_cache
from kubern.endpoints.openapi.install import openapi_service
from kubern_aggregator.api.apiservice import GROUP, RESOURCE
from kubern_aggregator.controllers.autoregister import AutoRegister
from kubern_aggregator.controllers.availability import Availability
from kubern_aggregator.controllers.discovery import RemoteDiscovery
from kubern_aggregator.controllers.openapi import RemoteOpenAPI
from kubern_aggregator.upstream import SLICES

if TYPE_CHECKING:
    from kubern.server import GenericAPIServer
    from kubern_aggregator.server import AggregatorServer


def add_hooks(server: AggregatorServer) -> None:
    """Register the hooks on the member."""
    hooks = _Hooks(server)
    auto_register = hooks.auto_register
    for hook in (
        PostStartHook("start-kube-aggregator-informers", hooks.informers),
        PostStartHook("apiservice-status-local-available-controller", hooks.registered),
        PostStartHook("apiservice-status-remote-available-controller", hooks.availability),
        PostStartHook("apiservice-registration-controller", hooks.registration),
        PostStartHook("apiservice-wait-for-first-sync", hooks.registered),
        PostStartHook("apiservice-discovery-controller", hooks.discovery),
        PostStartHook(
            "kube-apiserver-autoregistration",
            hooks.autoregistration,
            checks={"autoregister-completion": auto_register.check_complete},
        ),
        PostStartHook("apiservice-openapi-controller", hooks.openapi),
        PostStartHook("apiservice-openapiv3-controller", hooks.registered),
    ):
        server.add_post_start_hook(hook)
    server.add_pre_shutdown_hook(PreShutdownHook("close-extension-server-connections", hooks.hang_up))


class _Hooks:
    """The controllers and the moments that they wait for."""

    def __init__(self, server: AggregatorServer) -> None:
        self.server = server
        self.auto_register = AutoRegister(server)
        self._informed = asyncio.Event()
        self._registered = asyncio.Event()

    async def informers(self, outermost: GenericAPIServer) -> None:
        """The caches of what the controllers look at are filled."""
        for group, resource in ((GROUP, RESOURCE), ("", "services"), SLICES):
            store = outermost.find_store(group, resource)
            if store is not None:
                await store.cacher.ready()
        self._informed.set()

    async def hang_up(self, outermost: GenericAPIServer) -> None:
        self.server.upstreams.pool.close()

    async def registration(self, outermost: GenericAPIServer) -> None:
        """Requests are routed by what is registered."""
        await self._informed.wait()
        await self.server.registry.start(LoopbackClient(self.server).store(GROUP, RESOURCE).cacher)
        self._registered.set()

    async def registered(self, outermost: GenericAPIServer) -> None:
        """Every stored APIService has been looked at once."""
        await self._registered.wait()

    async def availability(self, outermost: GenericAPIServer) -> None:
        await self._registered.wait()
        controller = Availability(LoopbackClient(self.server), self.server.registry, self.server.upstreams)
        await controller.start()
        self.server.tasks.spawn("apiservice-available", controller.run())

    async def discovery(self, outermost: GenericAPIServer) -> None:
        await self._registered.wait()
        controller = RemoteDiscovery(discovery_cache(outermost), self.server.registry, self.server.upstreams)
        controller.start()
        outermost.config.on_groups_changed(controller.group_changed)
        self.server.tasks.spawn("apiservice-discovery", controller.refreshing.run())

    async def openapi(self, outermost: GenericAPIServer) -> None:
        """Both OpenAPI versions are learned together."""
        await self._registered.wait()
        controller = RemoteOpenAPI(openapi_service(outermost), self.server.registry, self.server.upstreams)
        controller.start()
        self.server.tasks.spawn("apiservice-openapi", controller.refreshing.run())

    async def autoregistration(self, outermost: GenericAPIServer) -> None:
        await self.auto_register.start()
        self.server.tasks.spawn("apiservice-registration", self.auto_register.run())
