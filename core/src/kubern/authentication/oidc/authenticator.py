"""Checks one issuer's tokens (upstream: oidc.Authenticator.AuthenticateToken). Next: `issuer.py`, `mappings.py`."""

from __future__ import annotations

import base64
import binascii
import time
from typing import TYPE_CHECKING, Any

import orjson

from kubern.authentication.interface import AuthenticationError, AuthenticationResponse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubern.authentication.oidc.issuer import Issuer
    from kubern.authentication.oidc.mappings import ClaimMappings, Rules

Object = dict[str, Any]
NOT_BEFORE_LEEWAY = 300
"""Seconds that an issuer's clock may be ahead."""


class OIDCTokens:
    """Accepts tokens of one issuer that are for one of our audiences."""

    def __init__(
        self,
        issuer: Issuer,
        audiences: Sequence[str],
        algorithms: Sequence[str],
        mappings: ClaimMappings,
        rules: Rules,
    ) -> None:
        self._issuer = issuer
        self._audiences = frozenset(audiences)
        self._algorithms = tuple(algorithms)
        self._mappings = mappings
        self._rules = rules

    async def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> AuthenticationResponse | None:
        if _issuer_of(token) != self._issuer.url:
            return None
        claims = orjson.loads(await self._issuer.verify(token, self._algorithms))
        if not isinstance(claims, dict):
            raise AuthenticationError("oidc: verify token: failed to unmarshal claims")
        self._check_standard_claims(claims)
        self._rules.check_claims(claims)
        user = self._mappings.user(claims)
        self._rules.check_user(user)
        return AuthenticationResponse(user)

    def _check_standard_claims(self, claims: Object) -> None:
        found = claims.get("aud")
        named = [found] if isinstance(found, str) else found if isinstance(found, list) else []
        if self._audiences.isdisjoint(a for a in named if isinstance(a, str)):
            raise AuthenticationError("oidc: verify token: oidc: expected audience in the token was not found")
        now = time.time()
        expiry = claims.get("exp")
        if not isinstance(expiry, (int, float)) or expiry < now:
            raise AuthenticationError("oidc: verify token: oidc: token is expired")
        start = claims.get("nbf")
        if isinstance(start, (int, float)) and now + NOT_BEFORE_LEEWAY < start:
            raise AuthenticationError("oidc: verify token: oidc: current time is before the nbf (not before) time")


def _issuer_of(token: str) -> str:
    """The claim iss of a token, unverified; "" for what is no token."""
    parts = token.split(".")
    if len(parts) != 3:
        return ""
    try:
        payload = parts[1].encode("ascii")
        claims = orjson.loads(base64.b64decode(payload + b"=" * (-len(payload) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return ""
    return str(claims.get("iss", "")) if isinstance(claims, dict) else ""
