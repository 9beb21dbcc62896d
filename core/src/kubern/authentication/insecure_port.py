"""The plain port of 1.12 asks nobody who they are: every request on it has full rights (upstream: InsecureSuperuser)."""

from __future__ import annotations

from kubern.authentication.interface import AuthenticationResponse
from kubern.request import ALL_AUTHENTICATED, SYSTEM_PRIVILEGED_GROUP, RequestContext, User

INSECURE_KEY = "insecure"
"""The mark of connections to --insecure-port in `scope["state"]`."""
SUPERUSER = AuthenticationResponse(User("system:unsecured", groups=(SYSTEM_PRIVILEGED_GROUP, ALL_AUTHENTICATED)))


class InsecurePort:
    """Accepts requests of the insecure port, has no opinion on others."""

    async def authenticate(self, ctx: RequestContext) -> AuthenticationResponse | None:
        return SUPERUSER if (ctx.scope.get("state") or {}).get(INSECURE_KEY) else None
