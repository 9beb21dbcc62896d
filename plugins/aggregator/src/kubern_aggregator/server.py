"""The aggregator member: APIServices in front of the rest of the chain (upstream: kube-aggregator/pkg/apiserver).

Requests of group-versions that an extension API server serves go to `handlers/proxy.py`, all others on.
Next: `hooks.py` for what runs beside the requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.client.loopback import LoopbackClient
from kubern.endpoints.openapi.service import V3_ROOT
from kubern.server import GenericAPIServer
from kubern_aggregator.api.apiservice import API_GROUP
from kubern_aggregator.api.scheme import scheme
from kubern_aggregator.handlers.proxy import Proxy
from kubern_aggregator.hooks import add_hooks
from kubern_aggregator.registry import Registry
from kubern_aggregator.upstream import Upstreams

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Scope, Send
    from kubern.request import RequestContext, RequestInfo
    from kubern_aggregator.config import AggregatorConfig
    from kubern_aggregator.registry import GroupVersion

NAME = "aggregator"


class AggregatorServer(GenericAPIServer):
    """A member that knows which group-versions are served elsewhere."""

    def __init__(self, config: AggregatorConfig, delegate: GenericAPIServer | None) -> None:
        super().__init__(NAME, config.generic, delegate)
        self.find_scheme = scheme
        self.registry = Registry()
        files = (config.proxy_client_cert_file, config.proxy_client_key_file)
        self.upstreams = Upstreams(LoopbackClient(self), *files, config.routes_to_endpoints)
        self.proxy = Proxy(self.upstreams, config.rejects_redirects)

    async def handle(self, ctx: RequestContext, scope: Scope, receive: Receive, send: Send) -> bool:
        """Serve registered remote group-versions by proxy, the rest as any member."""
        if self.registry.remote:
            remote = self.registry.remote.get(_group_version(ctx.info))
            if remote is not None:
                await self.proxy.serve(remote, ctx, scope, receive, send)
                return True
        return await super().handle(ctx, scope, receive, send)


def _group_version(info: RequestInfo) -> GroupVersion:
    """The group-version whose path a request is below; ("", "") when it is below none."""
    if info.is_resource_request:
        return info.api_group, info.api_version
    # Documents about a version, /openapi/v3/apis/GROUP/VERSION, are its server's too.
    parts = info.path.removeprefix(V3_ROOT).split("/", 4)
    if len(parts) > 3 and parts[1] == "apis":
        return parts[2], parts[3]
    if len(parts) > 2 and parts[1] == "api":
        return "", parts[2]
    return "", ""


def new_server(config: AggregatorConfig, delegate: GenericAPIServer | None) -> GenericAPIServer:
    """Install the group and register the controllers as post-start hooks."""
    server = AggregatorServer(config, delegate)
    server.install_api_group(API_GROUP)
    add_hooks(server)
    return server
