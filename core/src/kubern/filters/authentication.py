"""Who asks: 401 when a credential is wrong, anonymous when there is none (upstream: WithAuthentication)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.apimachinery.errors import unauthorized
from kubern.authentication.interface import AuthenticationError
from kubern.filters.request_info import CONTEXT_KEY

if TYPE_CHECKING:
    from kubern.authentication.interface import Authenticator
    from kubern.endpoints.asgi import ASGIApp, Receive, Scope, Send


class AuthenticationFilter:
    """Sets `ctx.user`, and takes the credential out of the headers that go further."""

    def __init__(self, app: ASGIApp, authenticator: Authenticator) -> None:
        self.app = app
        self.authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        ctx = scope[CONTEXT_KEY]
        try:
            response = await self.authenticator.authenticate(ctx)
        except AuthenticationError:
            raise unauthorized() from None
        if response is None:
            raise unauthorized()
        ctx.user = response.user
        ctx.authentication_audience = response.audiences
        ctx.headers.pop("authorization", None)
        await self.app(scope, receive, send)
