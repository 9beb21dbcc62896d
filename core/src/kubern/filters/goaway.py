"""Closes a connection now and then, so that its client dials again (upstream: WithProbabilisticGoaway).

In the chain with --goaway-chance.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from kubern.filters.request_info import CONTEXT_KEY

if TYPE_CHECKING:
    from kubern.endpoints.asgi import ASGIApp, Receive, Scope, Send


class GoawayFilter:
    """`chance` is that of each request, 0 to 1; what the connection is asked for meanwhile is still answered."""

    # Differs from kube-apiserver: a GOAWAY frame exists in HTTP/2 only; here `Connection: close` does that in HTTP/1.1.

    def __init__(self, app: ASGIApp, chance: float) -> None:
        self.app = app
        self.chance = chance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and random.random() < self.chance:
            scope[CONTEXT_KEY].response_headers.append((b"connection", b"close"))
        await self.app(scope, receive, send)
