"""How much at once: requests beyond --max-requests-inflight get 429 (upstream: WithMaxInFlightLimit)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.apimachinery.errors import too_many_requests
from kubern.filters.metrics import is_long_running
from kubern.filters.request_info import CONTEXT_KEY
from kubern.request import SYSTEM_PRIVILEGED_GROUP

if TYPE_CHECKING:
    from kubern.endpoints.asgi import ASGIApp, Receive, Scope, Send

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
        if limit and self.running[kind] >= limit and SYSTEM_PRIVILEGED_GROUP not in ctx.user.groups:
            raise too_many_requests("Too many requests, please try again later.", RETRY_AFTER_SECONDS)
        self.running[kind] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.running[kind] -= 1
