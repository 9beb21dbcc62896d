"""Plugins' FastAPI routers: non-resource paths behind all filters.

FastAPI is imported with the first request for such a path, so that servers without routers never pay for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubern.contributions import HTTPRouter
    from kubern.endpoints.asgi import ASGIApp, Receive, Scope, Send
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer


class Routers:
    """One FastAPI application for all contributed routers; the request's context is `request.scope["kubern.context"]`."""

    def __init__(self, server: GenericAPIServer, contributed: list[HTTPRouter]) -> None:
        self.server = server
        self.contributed = contributed
        self._app: ASGIApp | None = None

    async def serve(self, ctx: RequestContext, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request to FastAPI."""
        if self._app is None:
            self._app = self._build()
        await self._app(scope, receive, send)

    def _build(self) -> ASGIApp:
        from fastapi import FastAPI

        app = FastAPI(title="kubern", openapi_url=None, docs_url=None, redoc_url=None)
        for contribution in self.contributed:
            app.include_router(contribution.router(self.server), prefix=contribution.prefix)
        return app


def install_routers(server: GenericAPIServer) -> None:
    """Put every contributed prefix on the outermost member. Raises ValueError for a prefix that is taken."""
    contributed = server.config.plugins.http_routers()
    if not contributed:
        return
    routers = Routers(server, contributed)
    for contribution in contributed:
        prefix = contribution.prefix.rstrip("/")
        if not prefix.startswith("/"):
            raise ValueError(
                f"router {contribution.name!r}: the prefix {contribution.prefix!r} must begin with a slash"
            )
        if prefix in server.paths:
            raise ValueError(f"router {contribution.name!r}: the path {prefix!r} is taken")
        server.paths[prefix] = routers.serve
        server.path_prefixes[prefix + "/"] = routers.serve
