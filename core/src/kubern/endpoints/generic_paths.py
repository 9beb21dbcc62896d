"""The paths that every chain has, whatever its members: index, version, health, metrics, discovery, OpenAPI.

Installed on the outermost member. The paths that need FastAPI (plugins' routers) come through `routers.py`,
which imports it on the first request that asks for it. Next: `health.py`, `discovery/`, `openapi/`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from kubern.endpoints.asgi import send_bytes
from kubern.endpoints.director import method_not_allowed
from kubern.endpoints.discovery.install import install_discovery
from kubern.endpoints.negotiation import JSON, not_acceptable_route, route_accepts
from kubern.endpoints.openapi.install import install_openapi
from kubern.endpoints.responses import write_object
from kubern.endpoints.routers import install_routers
from kubern.generic_hooks import ORDER, generic_hooks

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Scope, Send
    from kubern.metrics.selection import MetricsSelection
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer

_METRICS_TYPE = b"text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
_LISTED_PREFIXES = frozenset({"/apis/", "/openapi/v3/"})


def install_generic_paths(server: GenericAPIServer) -> None:
    """Put the paths on the outermost member."""
    health = server.config.health
    members = list(server.chain())
    names = {hook.name for hook in generic_hooks()} | {h.name for member in members for h in member.post_start_hooks}
    for name in ORDER:
        if name in names:
            health.add_hook(name)
    for member in reversed(members):
        for hook in member.post_start_hooks:
            health.add_hook(hook.name)
            for name, check in hook.checks.items():
                health.add(name, check)
        for name, check in member.health_checks.items():
            health.add(name, check)
    for endpoint in ("/healthz", "/livez", "/readyz"):
        server.paths[endpoint] = health.serve
        server.path_prefixes[endpoint + "/"] = health.serve
    paths = GenericPaths(server)
    server.paths["/"] = paths.index
    server.paths["/version"] = paths.version
    server.paths["/version/"] = paths.version
    server.paths["/metrics"] = paths.metrics
    _install_optional(server)
    install_discovery(server)
    install_openapi(server)
    install_routers(server)


def _install_optional(server: GenericAPIServer) -> None:
    """What flags switch on and off: --profiling, --enable-logs-handler, --enable-priority-and-fairness."""
    from kubern.options.features import FeatureOptions
    from kubern.options.misc import MiscOptions

    options = server.config.options
    if options.section(FeatureOptions).profiling:
        from kubern.endpoints.debug_pages import install_debug_pages

        install_debug_pages(server)
    if options.section(MiscOptions).enable_logs_handler:
        from kubern.endpoints.logs_handler import install_logs_handler

        install_logs_handler(server)
    if server.config.flow_control is not None:
        from kubern.endpoints.flow_control_debug import install_flow_control_debug

        install_flow_control_debug(server, server.config.flow_control)


class GenericPaths:
    """Index, version and metrics of the chain that `server` is the outermost member of."""

    def __init__(self, server: GenericAPIServer) -> None:
        self.server = server
        self._version = b""
        self._metrics: MetricsSelection | None = None

    async def index(self, ctx: RequestContext, scope: Scope, receive: Receive, send: Send) -> None:
        """All paths, sorted."""
        _get_only(scope)
        found: set[str] = set()
        for member in self.server.chain():
            found.update(member.paths)
            for group, version in member.group_versions:
                found |= {f"/apis/{group}", f"/apis/{group}/{version}"} if group else {"/api", f"/api/{version}"}
        found |= {
            f"/{e}/{name}" for e in ("healthz", "livez", "readyz") for name in self.server.config.health.checks(e)
        }
        found |= self.server.path_prefixes.keys() & _LISTED_PREFIXES
        found.discard("/")
        found.discard("/version/")
        await write_object(ctx, send, 200, {"paths": sorted(found)})

    async def version(self, ctx: RequestContext, scope: Scope, receive: Receive, send: Send) -> None:
        """What the server is."""
        from kubern.version import version_info

        _get_only(scope)
        if not route_accepts(ctx.headers.get("accept", ""), (JSON,)):
            raise not_acceptable_route((JSON,))
        if not self._version:
            self._version = orjson.dumps(version_info(), option=orjson.OPT_INDENT_2)
        await send_bytes(send, 200, b"application/json", self._version)

    async def metrics(self, ctx: RequestContext, scope: Scope, receive: Receive, send: Send) -> None:
        """Prometheus' text format."""
        from prometheus_client import generate_latest

        _get_only(scope)
        if self._metrics is None:
            self._metrics = self._select_metrics()
        await send_bytes(send, 200, _METRICS_TYPE, generate_latest(self._metrics))

    def _select_metrics(self) -> MetricsSelection:
        from prometheus_client import GC_COLLECTOR, PLATFORM_COLLECTOR, PROCESS_COLLECTOR

        from kubern.metrics.selection import metrics_selection
        from kubern.options.metrics import MetricsOptions

        config = self.server.config
        return metrics_selection(
            [config.metrics, PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR],
            config.options.section(MetricsOptions),
        )


def _get_only(scope: Scope) -> None:
    if scope["method"] not in ("GET", "HEAD"):
        raise method_not_allowed()
