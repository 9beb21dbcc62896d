"""Who asks: 401 when a credential is wrong, anonymous when there is none (upstream: WithAuthentication)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NoReturn

from kubern.apimachinery.errors import unauthorized
from kubern.authentication.interface import AuthenticationError
from kubern.filters.request_info import CONTEXT_KEY
from kubern.metrics.authentication import ERROR, FAILURE, SUCCESS

if TYPE_CHECKING:
    from kubern.audit.auditor import Auditor
    from kubern.authentication.interface import Authenticator
    from kubern.endpoints.asgi import ASGIApp, Receive, Scope, Send
    from kubern.metrics.authentication import AuthenticationMetrics
    from kubern.request import RequestContext


class AuthenticationFilter:
    """Sets `ctx.user`, and takes the credential out of the headers that go further."""

    def __init__(
        self,
        app: ASGIApp,
        authenticator: Authenticator,
        metrics: AuthenticationMetrics,
        audiences: tuple[str, ...] = (),
        auditor: Auditor | None = None,
    ) -> None:
        self.app = app
        self.auditor = auditor
        self.authenticator = authenticator
        self.metrics = metrics
        self.audiences = audiences

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        ctx = scope[CONTEXT_KEY]
        ctx.authentication_audience = self.audiences
        begun = time.monotonic()
        try:
            response = await self.authenticator.authenticate(ctx)
        except AuthenticationError:
            self.metrics.attempted(ERROR, begun)
            await self._refuse(ctx, scope)
        if response is None or not self._accepts(response.audiences):
            self.metrics.attempted(FAILURE, begun)
            await self._refuse(ctx, scope)
        self.metrics.attempted(SUCCESS, begun)
        ctx.user = response.user
        ctx.authentication_audience = response.audiences
        if response.warnings:
            ctx.warnings.extend(response.warnings)
        if response.annotations:
            ctx.audit_annotations.update(response.annotations)
        ctx.headers.pop("authorization", None)
        await self.app(scope, receive, send)

    def _accepts(self, audiences: tuple[str, ...]) -> bool:
        """Whether a credential is meant for this server: it says nothing else, or names one of its audiences."""
        return not audiences or not self.audiences or any(a in self.audiences for a in audiences)

    async def _refuse(self, ctx: RequestContext, scope: Scope) -> NoReturn:
        if self.auditor is not None:
            from kubern.filters.audit import record_failed_authentication

            await record_failed_authentication(self.auditor, ctx, scope)
        raise unauthorized()
