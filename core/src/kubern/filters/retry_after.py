"""Sends clients elsewhere while the server starts or stops (upstream: WithRetryAfter and WithNotReady).

In the chain with --shutdown-send-retry-after and --send-retry-after-while-not-ready-once. Next: `../lifecycle.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.endpoints.asgi import send_text
from kubern.filters.request_info import CONTEXT_KEY
from kubern.lifecycle import Signal
from kubern.request import SYSTEM_PRIVILEGED_GROUP

if TYPE_CHECKING:
    from kubern.endpoints.asgi import ASGIApp, Receive, Scope, Send
    from kubern.lifecycle import Lifecycle
    from kubern.request import RequestContext

_RETRY_AFTER = (b"retry-after", b"5")
_CLOSE = (b"connection", b"close")
_EXEMPT_PATHS = ("/readyz", "/livez", "/healthz", "/metrics")
_EXEMPT_AGENT = "kube-apiserver/"


class ShutdownFilter:
    """429 for new requests once the server takes no more, but for probes, metrics and other API servers."""

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle) -> None:
        self.app = app
        self.lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.lifecycle.signaled(Signal.NOT_ACCEPTING_NEW_REQUESTS):
            await self.app(scope, receive, send)
            return
        ctx: RequestContext = scope[CONTEXT_KEY]
        if _is_exempt(ctx):
            await self.app(scope, receive, send)
            return
        ctx.response_headers += [_CLOSE, _RETRY_AFTER]
        await send_text(send, 429, "The apiserver is shutting down, please try again later.\n")


class NotReadyFilter:
    """429 until the server has been ready once, but for probes, metrics and administrators."""

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle) -> None:
        self.app = app
        self.lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.lifecycle.signaled(Signal.HAS_BEEN_READY):
            await self.app(scope, receive, send)
            return
        ctx: RequestContext = scope[CONTEXT_KEY]
        if _is_exempt(ctx) or SYSTEM_PRIVILEGED_GROUP in ctx.user.groups:
            await self.app(scope, receive, send)
            return
        ctx.response_headers.append(_RETRY_AFTER)
        await send_text(send, 429, "The apiserver hasn't been fully initialized yet, please try again later.\n")


def _is_exempt(ctx: RequestContext) -> bool:
    return ctx.info.path.startswith(_EXEMPT_PATHS) or ctx.headers.get("user-agent", "").startswith(_EXEMPT_AGENT)
