"""Sends a request to its endpoint: this server's, else the delegate's (upstream: server.director).

A resource request is looked up in the chain's route tables; a path outside of resources goes to the first member
that has it. Next: `installer.py` for the tables, `verbs/` for what runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.apimachinery.errors import StatusError
from kubern.endpoints.asgi import send_text
from kubern.endpoints.negotiation import not_acceptable_route, route_accepts
from kubern.endpoints.verbs.watch import legacy_watch

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Scope, Send
    from kubern.endpoints.installer import GroupVersionRoutes, Route, Verb
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer

CONTEXT_KEY = "kubern.context"


def method_not_allowed() -> StatusError:
    message = "the server does not allow this method on the requested resource"
    return StatusError(405, "MethodNotAllowed", message, {})


def resource_not_found() -> StatusError:
    return StatusError(404, "NotFound", "the server could not find the requested resource", {})


async def not_found(send: Send) -> None:
    """The end of the chain."""
    await send_text(send, 404, "404 page not found\n")


class Director:
    """The innermost ASGI application: `server` is the outermost member of the chain."""

    def __init__(self, server: GenericAPIServer) -> None:
        self.server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ctx: RequestContext = scope[CONTEXT_KEY]
        member: GenericAPIServer | None = self.server
        while member is not None:
            if await member.handle(ctx, scope, receive, send):
                return
            member = member.delegate
        await not_found(send)


async def serve_resource(routes: GroupVersionRoutes, ctx: RequestContext, receive: Receive, send: Send) -> None:
    """Run the verb of a resource request. Raises StatusError 404, 405, 406."""
    route, method = find_route(routes, ctx)
    if not route.connects and not route_accepts(ctx.headers.get("accept", "")):
        raise not_acceptable_route()
    verb = _verb(route, ctx, method)
    if verb is None:
        raise method_not_allowed()
    await verb(route.scope, ctx, receive, send)


def find_route(routes: GroupVersionRoutes, ctx: RequestContext) -> tuple[Route, str]:
    """The route of a request and its method. Raises StatusError 404."""
    info = ctx.info
    route = routes.routes.get((info.resource, info.subresource))
    if route is None or (len(info.parts) > 3 and not route.connects):
        raise resource_not_found()
    definition = route.scope.definition
    # Only `namespaces` itself may have a namespace in the path without being namespaced.
    if info.namespace and not definition.namespaced and info.resource != "namespaces":
        raise resource_not_found()
    return route, ctx.scope["method"]


def _verb(route: Route, ctx: RequestContext, method: str) -> Verb | None:
    info = ctx.info
    namespaced = route.scope.definition.namespaced
    if info.special:
        allowed = info.special == "watch" and method == "GET" and route.watchable
        return legacy_watch if allowed else None
    if len(info.parts) >= 2:
        return route.item.get(method) if info.namespace or not namespaced else None
    if namespaced and not info.namespace and method != "GET":
        return None
    return route.collection.get(method)
