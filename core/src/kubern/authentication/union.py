"""Authenticators asked in slot order; errors count only when nobody accepts the request.

Upstream: request/union, and kubeapiserver/authenticator.Config.New, which puts the chain together. Next: the
authenticators themselves, in the order of `builtin/authentication.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from kubern.authentication.bearer import BearerToken, WebSocketToken
from kubern.authentication.groups import with_authenticated_group
from kubern.authentication.interface import (
    AuthenticationError,
    AuthenticationResponse,
    Authenticator,
    TokenAuthenticator,
)
from kubern.authentication.token_union import TokenUnion

if TYPE_CHECKING:
    from kubern.config import CompletedConfig
    from kubern.request import RequestContext

logger = logging.getLogger(__name__)
ANONYMOUS_CONFIGURATION = "authentication.anonymous"
"""Where it keeps what --authentication-config says of anonymous requests."""
TOKENS = "authentication.tokens"
"""Where `CompletedConfig.shared` keeps the union of token authenticators, for TokenReview."""

ANONYMOUS_ALLOWED = "authentication.anonymous-allowed"
"""Where it keeps whether requests to any path may be anonymous, for TokenReview."""


class Union:
    """Asks `authenticators`; the first one with an answer decides. `last` is asked when all were silent."""

    def __init__(self, authenticators: Sequence[Authenticator], last: Authenticator | None = None) -> None:
        self._authenticators = tuple(authenticators)
        self._last = last

    async def authenticate(self, ctx: RequestContext) -> AuthenticationResponse | None:
        errors: list[str] = []
        for authenticator in self._authenticators:
            try:
                response = await authenticator.authenticate(ctx)
            except AuthenticationError as error:
                errors += error.messages
                continue
            if response is not None:
                return with_authenticated_group(response)
        if errors:
            # A bad credential is never taken for none.
            logger.info("Unable to authenticate the request: %s", ", ".join(errors))
            raise AuthenticationError(*errors)
        return await self._last.authenticate(ctx) if self._last is not None else None


def build_authenticator(config: CompletedConfig) -> Union:
    """The chain of a server: all authenticators that the flags switch on, bearer tokens in one place, then anonymous.

    Specs may build authenticators of requests or of tokens; those of tokens are asked one after the other where the
    first of them stands, through the Authorization header and through WebSocket subprotocols.
    """
    from kubern.authentication.anonymous import Anonymous
    from kubern.options.authentication import AuthenticationOptions

    requests: list[Authenticator] = []
    tokens: list[TokenAuthenticator] = []
    position = 0
    for spec in config.plugins.authenticators():
        built = spec.build(config)
        if built is None:
            continue
        if hasattr(built, "authenticate_token"):
            position = position if tokens else len(requests)
            tokens.append(cast(TokenAuthenticator, built))
        else:
            requests.append(built)
    union = TokenUnion(tokens)
    config.shared[TOKENS] = union
    if tokens:
        requests[position:position] = [BearerToken(union), WebSocketToken(union)]
    enabled: bool = config.options.section(AuthenticationOptions).anonymous_auth
    paths: tuple[str, ...] = ()
    configured = config.shared.get(ANONYMOUS_CONFIGURATION)
    if configured is not None:
        enabled = bool(configured.get("enabled"))
        paths = tuple(condition.get("path", "") for condition in configured.get("conditions") or ())
    config.shared[ANONYMOUS_ALLOWED] = enabled and not paths
    return Union(requests, Anonymous(paths) if enabled else None)
