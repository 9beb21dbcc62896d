"""Who may: asks the authorizer about every request (upstream: WithAuthorization)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.authorization.interface import AuthorizationError, Decision
from kubern.authorization.request_attributes import authorization_attributes, forbidden_error, request_uri
from kubern.endpoints.asgi import send_text
from kubern.filters.request_info import CONTEXT_KEY
from kubern.util.goquote import go_quote

if TYPE_CHECKING:
    from kubern.authorization.interface import Authorizer
    from kubern.endpoints.asgi import ASGIApp, Receive, Scope, Send

_DECISION = "authorization.k8s.io/decision"
_REASON = "authorization.k8s.io/reason"


class AuthorizationFilter:
    """403 unless some authorizer allows the request."""

    def __init__(self, app: ASGIApp, authorizer: Authorizer) -> None:
        self.app = app
        self.authorizer = authorizer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        ctx = scope[CONTEXT_KEY]
        attributes = authorization_attributes(ctx)
        try:
            decision, reason = await self.authorizer.authorize(attributes)
        except AuthorizationError as error:
            ctx.audit_annotations[_REASON] = "internal error"
            await send_text(send, 500, f"Internal Server Error: {go_quote(request_uri(scope))}: {error.text}\n")
            return
        ctx.audit_annotations[_DECISION] = "allow" if decision is Decision.ALLOW else "forbid"
        ctx.audit_annotations[_REASON] = reason
        if decision is not Decision.ALLOW:
            ctx.response_headers.append((b"x-content-type-options", b"nosniff"))
            raise forbidden_error(attributes, reason)
        await self.app(scope, receive, send)
