"""Answers below /api and /apis that are no resource requests (upstream: discovery handlers, aggregated ones wrapped).

Next: `documents.py` for what the answers hold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from kubern.endpoints.asgi import send_bytes
from kubern.endpoints.director import method_not_allowed, not_found, resource_not_found
from kubern.endpoints.discovery import documents
from kubern.endpoints.negotiation import (
    ACCEPTED,
    JSON,
    MediaType,
    Negotiator,
    accepts,
    not_acceptable_route,
    parse_accept,
    route_accepts,
)
from kubern.endpoints.responses import encode, write_bytes, write_object

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Scope, Send
    from kubern.endpoints.discovery.cache import DiscoveryCache, Document
    from kubern.request import RequestContext

_AGGREGATED: Final = ("apidiscovery.k8s.io", "v2", "APIGroupDiscoveryList")
_PARAMETERS: Final = ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def aggregated_media_type(accept: str) -> str | None:
    """The media type when the best acceptable clause of `accept` asks for the aggregated form, else None.

    Clauses that nobody can serve are passed over.
    """
    for name, params in parse_accept(accept):
        asked = (params.get("g", ""), params.get("v", ""), params.get("as", ""))
        media_type = next((one for one in ACCEPTED if accepts(name, one)), None)
        if media_type is not None and asked == _AGGREGATED:
            return media_type
        if media_type is not None and asked == ("", "", ""):
            return None
    return None


class DiscoveryHandlers:
    """The path handlers; `server_address` gives host:port for /api."""

    def __init__(self, cache: DiscoveryCache, server_address: Callable[[], str]) -> None:
        self.cache = cache
        self._server_address = server_address
        self._negotiator = Negotiator(())

    async def serve(self, ctx: RequestContext, scope: Scope, receive: Receive, send: Send) -> None:
        """Any path /api, /api/VERSION, /apis, /apis/GROUP, /apis/GROUP/VERSION, with or without a slash behind it."""
        if scope["method"] not in ("GET", "HEAD"):
            raise method_not_allowed()
        parts = [part for part in ctx.info.path.split("/") if part]
        if len(parts) == 1:
            aggregated = aggregated_media_type(ctx.headers.get("accept", ""))
            if aggregated is not None:
                await self._aggregated(ctx, send, parts[0], aggregated)
            elif parts[0] == "api":
                await self._write(ctx, send, self._api_versions())
            else:
                await self._send(ctx, send, self.cache.group_list())
            return
        if parts[0] == "api":
            await self._resources(ctx, send, "", parts[1:])
        elif len(parts) == 2:
            await self._group(ctx, send, parts[1])
        else:
            await self._resources(ctx, send, parts[1], parts[2:])

    def _api_versions(self) -> documents.Object:
        core = self.cache.groups().get("")
        return documents.api_versions([v.version for v in core.versions] if core else [], self._server_address())

    async def _group(self, ctx: RequestContext, send: Send, group: str) -> None:
        document = self.cache.group(group)
        if document is None:
            await not_found(send)
        else:
            await self._send(ctx, send, document, routed=True)

    async def _resources(self, ctx: RequestContext, send: Send, group: str, rest: list[str]) -> None:
        document = self.cache.resources(group, rest[0]) if len(rest) == 1 else None
        if document is not None:
            await self._send(ctx, send, document, routed=True)
            return
        known = self.cache.groups().get(group)
        if known is not None and known.fixed:
            raise resource_not_found()
        await not_found(send)

    async def _aggregated(self, ctx: RequestContext, send: Send, root: str, media_type: str) -> None:
        document = self.cache.aggregated_core() if root == "api" else self.cache.aggregated_groups()
        tag = f'"{document.etag}"'
        headers = [(b"etag", tag.encode()), (b"cache-control", b"public"), (b"vary", b"Accept")]
        if ctx.headers.get("if-none-match", "") == tag:
            await send_bytes(send, 304, b"", b"", headers)
            return
        body = document.body if media_type == JSON else encode(document.body, MediaType(media_type))
        await write_bytes(ctx, send, 200, (media_type + _PARAMETERS).encode(), body, headers)

    async def _send(self, ctx: RequestContext, send: Send, document: Document, routed: bool = False) -> None:
        """A cached document; `routed` ones first pass the router's own look at Accept."""
        if routed and not route_accepts(ctx.headers.get("accept", "")):
            raise not_acceptable_route()
        await write_object(ctx, send, 200, document.body, self._negotiator.choose(ctx.headers.get("accept", "")))

    async def _write(self, ctx: RequestContext, send: Send, value: documents.Object) -> None:
        if not route_accepts(ctx.headers.get("accept", "")):
            raise not_acceptable_route()
        await write_object(ctx, send, 200, value, self._negotiator.choose(ctx.headers.get("accept", "")))
