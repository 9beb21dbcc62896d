"""Tells browsers to come back over HTTPS only (upstream: WithHSTS). In the chain only when directives are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.filters.request_info import CONTEXT_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubern.endpoints.asgi import ASGIApp, Receive, Scope, Send

HEADER = b"strict-transport-security"


class HSTSFilter:
    """Puts the header on every answer."""

    def __init__(self, app: ASGIApp, directives: Iterable[str]) -> None:
        self.app = app
        self._header = (HEADER, "; ".join(directives).encode("latin-1"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope[CONTEXT_KEY].response_headers.append(self._header)
        await self.app(scope, receive, send)
