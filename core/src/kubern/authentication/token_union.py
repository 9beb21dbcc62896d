"""Everybody who knows bearer tokens, asked in order; good answers are kept for a moment.

Upstream: token/union and token/cache. Used for requests (`bearer.py`) and by TokenReview.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from kubern.authentication.groups import with_authenticated_group
from kubern.authentication.interface import AuthenticationError, AuthenticationResponse, TokenAuthenticator

SUCCESS_TTL = 10.0
"""Seconds that a good answer is kept."""
_MAX_CACHED = 4096


class TokenUnion:
    """The first authenticator that knows a token answers; errors of others count only when nobody knows it."""

    def __init__(self, authenticators: Sequence[TokenAuthenticator]) -> None:
        self._authenticators = tuple(authenticators)
        self._known: dict[tuple[str, tuple[str, ...]], tuple[float, AuthenticationResponse]] = {}

    async def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> AuthenticationResponse | None:
        key = (token, audiences)
        now = time.monotonic()
        known = self._known.get(key)
        if known is not None and known[0] > now:
            return known[1]
        response = await self._ask(token, audiences)
        if response is None:
            self._known.pop(key, None)
            return None
        if len(self._known) >= _MAX_CACHED:
            self._known = {k: v for k, v in self._known.items() if v[0] > now}
            if len(self._known) >= _MAX_CACHED:
                self._known.clear()
        response = with_authenticated_group(response)
        self._known[key] = (now + SUCCESS_TTL, response)
        return response

    async def _ask(self, token: str, audiences: tuple[str, ...]) -> AuthenticationResponse | None:
        errors = []
        for authenticator in self._authenticators:
            try:
                response = await authenticator.authenticate_token(token, audiences)
            except AuthenticationError as error:
                errors.append(str(error))
                continue
            if response is not None:
                return response
        if errors:
            raise AuthenticationError(", ".join(errors))
        return None
