"""The authenticator contract (upstream: authenticator.Request)."""

from __future__ import annotations

import dataclasses
from typing import Protocol

from kubern.request import RequestContext, User


@dataclasses.dataclass(frozen=True, slots=True)
class AuthenticationResponse:
    """A known identity and the audiences its credential was valid for."""

    user: User
    audiences: tuple[str, ...] = ()


class AuthenticationError(Exception):
    """A credential was given and is wrong; the answer is 401 unless another authenticator accepts the request."""


class Authenticator(Protocol):
    """One way to tell who sent a request."""

    async def authenticate(self, ctx: RequestContext) -> AuthenticationResponse | None:
        """The identity behind `ctx.headers` / `ctx.client_certificate`; None when it has no opinion.

        Raises AuthenticationError when the credential is meant for it but invalid.
        """
        ...


class TokenAuthenticator(Protocol):
    """One way to tell whom a bearer token belongs to (used for requests and by TokenReview)."""

    async def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> AuthenticationResponse | None: ...
