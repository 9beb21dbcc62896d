"""Cross-origin requests from browsers: answers preflights, marks answers for allowed origins (upstream: WithCORS).

Outside of authentication, because browsers send preflights without credentials. Next: `chain.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.filters.request_info import CONTEXT_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubern.endpoints.asgi import ASGIApp, Headers, Receive, Scope, Send

_ALLOWED: Headers = [
    (b"access-control-allow-methods", b"POST, GET, OPTIONS, PUT, DELETE, PATCH"),
    (
        b"access-control-allow-headers",
        b"Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, "
        b"If-Modified-Since",
    ),
    (b"access-control-expose-headers", b"Date"),
    (b"access-control-allow-credentials", b"true"),
]


class CORSFilter:
    """Lets scripts of the given origins (regular expressions, matched anywhere in the Origin header) read answers."""

    def __init__(self, app: ASGIApp, allowed_origins: Iterable[str]) -> None:
        import re2

        self.app = app
        self._patterns = [re2.compile(origin) for origin in allowed_origins]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        ctx = scope[CONTEXT_KEY]
        origin = ctx.headers.get("origin", "")
        if not origin or not any(pattern.search(origin) for pattern in self._patterns):
            await self.app(scope, receive, send)
            return
        headers: Headers = [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin"), *_ALLOWED]
        if scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        ctx.response_headers += headers
        await self.app(scope, receive, send)
