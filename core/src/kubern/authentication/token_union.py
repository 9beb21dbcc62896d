"""Everybody who knows bearer tokens, asked in order; good answers are kept for a moment.

Upstream: token/union and token/cache. Used for requests (`bearer.py`) and by TokenReview.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence

from kubern.authentication.groups import with_authenticated_group
from kubern.authentication.interface import AuthenticationError, AuthenticationResponse, TokenAuthenticator

SUCCESS_TTL = 10.0
"""Seconds that a good answer is kept."""
_MAX_CACHED = 4096
_Key = tuple[bytes, tuple[str, ...]]


class TokenUnion:
    """The first authenticator that knows a token answers; errors of others count only when nobody knows it.

    Tokens themselves are not kept, only their digests under a key of this process. An authenticator with a true
    attribute `live` looks at the state of the moment for each answer: its answers are not kept.
    """

    def __init__(self, authenticators: Sequence[TokenAuthenticator]) -> None:
        self._authenticators = tuple(authenticators)
        self._secret = os.urandom(32)
        self._known: dict[_Key, tuple[float, AuthenticationResponse]] = {}

    async def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> AuthenticationResponse | None:
        key = (hashlib.blake2b(token.encode(), key=self._secret).digest(), audiences)
        known = self._known.get(key)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        self._known.pop(key, None)
        errors: list[str] = []
        for authenticator in self._authenticators:
            try:
                response = await authenticator.authenticate_token(token, audiences)
            except AuthenticationError as error:
                errors += error.messages
                continue
            if response is not None:
                response = with_authenticated_group(response)
                if not getattr(authenticator, "live", False):
                    self._keep(key, response)
                return response
        if errors:
            raise AuthenticationError(*errors)
        return None

    def forget(self) -> None:
        """Ask about every token anew: somebody's idea of good tokens has changed."""
        self._known.clear()

    def _keep(self, key: _Key, response: AuthenticationResponse) -> None:
        now = time.monotonic()
        if len(self._known) >= _MAX_CACHED:
            self._known = {k: v for k, v in self._known.items() if v[0] > now}
            if len(self._known) >= _MAX_CACHED:
                self._known.clear()
        self._known[key] = (now + SUCCESS_TTL, response)


class AudienceAgnostic:
    """Makes the tokens of an authenticator that knows no audiences good for the server's own alone."""

    def __init__(self, tokens: TokenAuthenticator, audiences: tuple[str, ...]) -> None:
        self._tokens = tokens
        self._audiences = audiences
        self.live = getattr(tokens, "live", False)

    async def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> AuthenticationResponse | None:
        if not audiences:
            return await self._tokens.authenticate_token(token, audiences)
        shared = tuple(a for a in self._audiences if a in audiences)
        if not shared:
            return None
        response = await self._tokens.authenticate_token(token, audiences)
        if response is None:
            return None
        return AuthenticationResponse(response.user, shared, response.warnings, response.annotations)
