"""Bearer tokens of requests: the Authorization header, or a subprotocol of a WebSocket.

Upstream: request/bearertoken and request/websocket. Next: `token_union.py`, which asks who a token belongs to.
"""

from __future__ import annotations

import base64
import binascii

from kubern.authentication.interface import AuthenticationError, AuthenticationResponse, TokenAuthenticator
from kubern.request import RequestContext

SPACE_WARNING = "the provided Authorization header contains extra space before the bearer token, and is ignored"
PROTOCOL_PREFIX = "base64url.bearer.authorization.k8s.io."


class BearerToken:
    """Asks `tokens` about the token in the Authorization header."""

    def __init__(self, tokens: TokenAuthenticator) -> None:
        self._tokens = tokens

    async def authenticate(self, ctx: RequestContext) -> AuthenticationResponse | None:
        token = token_of(ctx.headers.get("authorization", ""), ctx.warnings)
        if not token:
            return None
        response = await self._tokens.authenticate_token(token, ctx.authentication_audience)
        if response is None:
            raise AuthenticationError("invalid bearer token")
        return response


def token_of(header: str, warnings: list[str]) -> str:
    """The bearer token in the value of an Authorization header, "" when there is none."""
    parts = header.strip().split(" ", 2)
    if len(parts) < 2 or parts[0].lower() != "bearer":
        return ""
    if not parts[1] and len(parts) == 3:
        warnings.append(SPACE_WARNING)
    return parts[1]


class WebSocketToken:
    """Asks `tokens` about a token that a browser had to put into a subprotocol, and takes it out of the request."""

    def __init__(self, tokens: TokenAuthenticator) -> None:
        self._tokens = tokens

    async def authenticate(self, ctx: RequestContext) -> AuthenticationResponse | None:
        if ctx.headers.get("upgrade", "").lower() != "websocket":
            return None
        protocols = [p.strip() for p in _protocols(ctx) if p.strip()]
        encoded = [p.removeprefix(PROTOCOL_PREFIX) for p in protocols if p.startswith(PROTOCOL_PREFIX)]
        if not encoded:
            return None
        token = _decode(encoded)
        others = [p for p in protocols if not p.startswith(PROTOCOL_PREFIX)]
        if token and not others:
            raise AuthenticationError("missing additional subprotocol")
        if not token:
            return None
        response = await self._tokens.authenticate_token(token, ctx.authentication_audience)
        if response is None:
            raise AuthenticationError("invalid bearer token")
        ctx.headers["sec-websocket-protocol"] = ",".join(others)
        if "subprotocols" in ctx.scope:
            ctx.scope["subprotocols"] = others
        return response


def _protocols(ctx: RequestContext) -> list[str]:
    return [
        protocol
        for key, value in ctx.scope.get("headers", ())
        if key == b"sec-websocket-protocol"
        for protocol in value.decode("latin-1").split(",")
    ]


def _decode(encoded: list[str]) -> str:
    if len(encoded) > 1:
        raise AuthenticationError("multiple base64.bearer.authorization tokens specified")
    text = encoded[0]
    try:
        if "=" in text:
            raise binascii.Error
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except binascii.Error:
        raise AuthenticationError("invalid base64.bearer.authorization token encoding") from None
    except UnicodeDecodeError:
        raise AuthenticationError("invalid base64.bearer.authorization token") from None
