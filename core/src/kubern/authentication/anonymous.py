"""Requests without any credential are from system:anonymous (upstream: request/anonymous)."""

from __future__ import annotations

from collections.abc import Collection

from kubern.authentication.interface import AuthenticationResponse
from kubern.request import ALL_UNAUTHENTICATED, ANONYMOUS, RequestContext, User

ANONYMOUS_USER = AuthenticationResponse(User(ANONYMOUS, groups=(ALL_UNAUTHENTICATED,)))


class Anonymous:
    """Accepts everything, or only some paths; asked only when nobody else had an opinion or an error."""

    def __init__(self, paths: Collection[str] = ()) -> None:
        self._paths = frozenset(paths)

    async def authenticate(self, ctx: RequestContext) -> AuthenticationResponse | None:
        return ANONYMOUS_USER if not self._paths or ctx.info.path in self._paths else None
