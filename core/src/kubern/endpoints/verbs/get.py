"""GET of one object (upstream: handlers/get.go, GetResource)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.endpoints.negotiation import JSON
from kubern.endpoints.responses import wants_pretty, write_bytes
from kubern.endpoints.verbs.common import answer_object

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Send
    from kubern.endpoints.scope import RequestScope
    from kubern.request import RequestContext


async def get(scope: RequestScope, ctx: RequestContext, receive: Receive, send: Send) -> None:
    """Answer with the object, its cached bytes where they fit."""
    media = scope.choose(ctx)
    found = await scope.storage.get(ctx, ctx.info.name, ctx.query_first("resourceVersion") if ctx.query else "")
    if isinstance(found, dict):
        await answer_object(scope, ctx, send, scope.from_hub(found), media)
        return
    if scope.version.version == scope.definition.hub_version and media.type == JSON and not media.convert:
        body = found.body()
        if not (media.pretty or wants_pretty(ctx)):
            await write_bytes(ctx, send, 200, b"application/json", scope.prefix + body)
            return
    await answer_object(scope, ctx, send, scope.from_hub(found.decode()), media)
