"""How much at once: requests beyond --max-requests-inflight get 429 (upstream: WithMaxInFlightLimit).

In the chain with --enable-priority-and-fairness=false; else `priority_and_fairness.py` stands here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.endpoints.asgi import send_text
from kubern.filters.metrics import is_long_running
from kubern.filters.request_info import CONTEXT_KEY
from kubern.request import SYSTEM_PRIVILEGED_GROUP

if TYPE_CHECKING:
    from kubern.endpoints.asgi import ASGIApp, Receive, Scope, Send
    from kubern.request import RequestContext

_READ_ONLY = frozenset({"get", "list", "watch"})
RETRY_AFTER_SECONDS = 1


class MaxInFlightFilter:
    """Two limits, one for reads and one for writes; 0 means none. Long-running requests do not count."""

    def __init__(self, app: ASGIApp, read_limit: int, write_limit: int) -> None:
        self.app = app
        self.limits = [read_limit, write_limit]
        self.running = [0, 0]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        ctx = scope[CONTEXT_KEY]
        info = ctx.info
        if is_long_running(info.verb, info.subresource):
            await self.app(scope, receive, send)
            return
        kind = 0 if info.verb in _READ_ONLY else 1
        limit = self.limits[kind]
        if limit and self.running[kind] >= limit:
            # Administrators and the server itself always get an answer, and take nobody's place.
            if SYSTEM_PRIVILEGED_GROUP in ctx.effective_user.groups:
                await self.app(scope, receive, send)
            else:
                await refuse(ctx, send, RETRY_AFTER_SECONDS)
            return
        self.running[kind] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.running[kind] -= 1


async def refuse(ctx: RequestContext, send: Send, retry_after: int) -> None:
    """429, in plain text as kube-apiserver says it (upstream: tooManyRequests)."""
    ctx.response_headers.append((b"retry-after", b"%d" % retry_after))
    await send_text(send, 429, "Too many requests, please try again later.\n")
