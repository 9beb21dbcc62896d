"""Requests without any credential are from system:anonymous (upstream: request/anonymous)."""

from __future__ import annotations

from kubern.authentication.interface import AuthenticationResponse
from kubern.request import ALL_UNAUTHENTICATED, ANONYMOUS, RequestContext, User

ANONYMOUS_USER = AuthenticationResponse(User(ANONYMOUS, groups=(ALL_UNAUTHENTICATED,)))


class Anonymous:
    """Accepts everything; asked only when nobody else had an opinion or an error."""

    async def authenticate(self, ctx: RequestContext) -> AuthenticationResponse | None:
        return ANONYMOUS_USER
