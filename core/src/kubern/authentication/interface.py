"""The authenticator contract (upstream: authenticator.Request)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Protocol

from kubern.request import RequestContext, User
from kubern.util.aggregate import aggregate


@dataclasses.dataclass(frozen=True, slots=True)
class AuthenticationResponse:
    """A known identity and the audiences its credential was valid for."""

    user: User
    audiences: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """For the client of the request."""
    annotations: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """For the audit event of the request."""


class AuthenticationError(Exception):
    """A credential was given and is wrong; the answer is 401 unless another authenticator accepts the request.

    `messages` has what each authenticator said that was asked about it.
    """

    def __init__(self, *messages: str) -> None:
        super().__init__(aggregate(messages))
        self.messages = messages


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
