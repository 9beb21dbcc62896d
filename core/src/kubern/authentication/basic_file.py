"""Static passwords for HTTP basic authentication: password,user,uid[,groups] (upstream until 1.18: passwordfile)."""

from __future__ import annotations

import base64
import binascii
import hmac

from kubern.authentication.interface import AuthenticationError, AuthenticationResponse
from kubern.authentication.token_file import read_users
from kubern.request import RequestContext, User


class BasicFile:
    """Knows the passwords of a file."""

    def __init__(self, path: str) -> None:
        """Raises OSError, ValueError."""
        self._users = {user.name: (password.encode(), user) for password, user in read_users(path, "password")}

    async def authenticate(self, ctx: RequestContext) -> AuthenticationResponse | None:
        kind, _, encoded = ctx.headers.get("authorization", "").strip().partition(" ")
        if kind.lower() != "basic":
            return None
        try:
            name, _, password = base64.b64decode(encoded, validate=True).partition(b":")
        except binascii.Error:
            raise AuthenticationError("invalid basic auth") from None
        expected, user = self._users.get(name.decode("utf-8", "replace"), (b"", User("")))
        if not hmac.compare_digest(expected, password) or not user.name:
            raise AuthenticationError("invalid username/password combination")
        return AuthenticationResponse(user)
