"""Streaming subresources: exec, attach, portforward, proxy, log (upstream: handlers/rest.go, ConnectResource)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.admission.interface import CONNECT
from kubern.endpoints.verbs.common import admission_attributes

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Send
    from kubern.endpoints.scope import RequestScope
    from kubern.request import RequestContext


async def connect(scope: RequestScope, ctx: RequestContext, receive: Receive, send: Send) -> None:
    """Admission, then the storage takes the connection over."""
    options = scope.storage.connect_options(ctx)
    attributes = admission_attributes(scope, ctx, CONNECT, options, None, {}, False)
    if scope.admission.mutates(CONNECT):
        await scope.admission.admit(attributes)
    if scope.admission.validates(CONNECT):
        await scope.admission.validate(attributes)
    await scope.storage.connect(ctx, ctx.info.name, ctx.scope, receive, send)


async def stream(scope: RequestScope, ctx: RequestContext, receive: Receive, send: Send) -> None:
    """GET of what is no object but comes in pieces (upstream: rest.ResourceStreamer)."""
    scope.choose(ctx)
    await scope.storage.stream(ctx, ctx.info.name, receive, send)
