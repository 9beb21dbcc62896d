"""Sends a request to its endpoint: this server's, else the delegate's (upstream: server.director).

A resource request is looked up in the chain's route tables; a path outside of resources goes to the first member
that has it. Next: `installer.py` for the tables, `verbs/` for what runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kubern.apimachinery.errors import StatusError, bad_request
from kubern.endpoints.asgi import send_text
from kubern.endpoints.negotiation import ACCEPTED_LISTS, not_acceptable_route, route_accepts
from kubern.endpoints.scope import check_patch_route
from kubern.endpoints.verbs.watch import legacy_watch

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Scope, Send
    from kubern.endpoints.installer import GroupVersionRoutes, Route, Verb
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer

CONTEXT_KEY = "kubern.context"
_LEGACY_WATCH: Mapping[str, Verb] = {"GET": legacy_watch}


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
        try:
            await self._direct(scope[CONTEXT_KEY], scope, receive, send)
        except (RecursionError, TypeError, ValueError) as error:
            refusal = _beyond_limits(error)
            if refusal is None:
                raise
            raise bad_request(refusal) from None

    async def _direct(self, ctx: RequestContext, scope: Scope, receive: Receive, send: Send) -> None:
        member: GenericAPIServer | None = self.server
        while member is not None:
            if await member.handle(ctx, scope, receive, send):
                return
            member = member.delegate
        if ctx.info.is_resource_request and any(m.has_fixed_group(ctx.info.api_group) for m in self.server.chain()):
            raise resource_not_found()
        await not_found(send)


async def serve_resource(routes: GroupVersionRoutes, ctx: RequestContext, receive: Receive, send: Send) -> None:
    """Run the verb of a resource request. Raises StatusError 404, 405, 406, 415."""
    route = find_route(routes, ctx)
    verb = _methods(route, ctx).get(ctx.scope["method"])
    if verb is None:
        raise method_not_allowed()
    if not route.connects:
        if ctx.info.verb == "patch" and not route.scope.definition.typed_items:
            check_patch_route(ctx.headers.get("content-type", ""))
        produced = ACCEPTED_LISTS if ctx.info.verb in ("list", "watch") else route.scope.produces
        if not route_accepts(ctx.headers.get("accept", ""), produced):
            raise not_acceptable_route(produced)
    await verb(route.scope, ctx, receive, send)


def _beyond_limits(error: Exception) -> str | None:
    """What to say when Python or orjson, whose errors have no types of their own, refused to go through a body."""
    if isinstance(error, RecursionError) or str(error) == "Recursion limit reached":
        # Differs from kube-apiserver: it takes 10,000 levels of nesting, we about 230.
        return "exceeded max depth"
    if isinstance(error, ValueError) and str(error).startswith("Exceeds the limit ("):  # of digits in an int
        return "strconv.ParseInt: value out of range"
    return None


def find_route(routes: GroupVersionRoutes, ctx: RequestContext) -> Route:
    """The route of a request. Raises StatusError 404."""
    info = ctx.info
    route = routes.routes.get((info.resource, info.subresource))
    if route is None or (len(info.parts) > 3 and not route.has_paths_below):
        raise resource_not_found()
    # Only `namespaces` itself may have a namespace in the path without being namespaced.
    if info.namespace and not route.scope.definition.namespaced and info.resource != "namespaces":
        raise resource_not_found()
    return route


def _methods(route: Route, ctx: RequestContext) -> Mapping[str, Verb]:
    """What the path offers, by HTTP method. Raises StatusError 404 for a path without any."""
    info = ctx.info
    namespaced = route.scope.definition.namespaced
    if info.special:
        if info.special != "watch" or not route.watchable:
            raise resource_not_found()
        return _LEGACY_WATCH
    if len(info.parts) >= 2:
        methods = route.item if info.namespace or not namespaced else {}
    elif namespaced and not info.namespace:
        methods = {m: verb for m, verb in route.collection.items() if m == "GET"}
    else:
        methods = route.collection
    if not methods:
        raise resource_not_found()
    return methods
