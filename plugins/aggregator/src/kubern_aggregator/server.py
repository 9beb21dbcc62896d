"""The aggregator member: APIServices in front of the rest of the chain (upstream: kube-aggregator/pkg/apiserver).

Next: `controllers/autoregister.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.contributions import PostStartHook
from kubern.server import GenericAPIServer
from kubern_aggregator.api.apiservice import API_GROUP
from kubern_aggregator.controllers.autoregister import AutoRegister

if TYPE_CHECKING:
    from kubern_aggregator.config import AggregatorConfig

NAME = "aggregator"


def new_server(config: AggregatorConfig, delegate: GenericAPIServer | None) -> GenericAPIServer:
    """Install the group and register the controllers as post-start hooks."""
    server = GenericAPIServer(NAME, config.generic, delegate)
    server.install_api_group(API_GROUP)
    auto_register = AutoRegister(server)

    async def registration(outermost: GenericAPIServer) -> None:
        await auto_register.start()
        outermost.tasks.spawn("apiservice-registration", auto_register.run())

    server.add_post_start_hook(PostStartHook("kube-apiserver-autoregistration", registration))
    return server
