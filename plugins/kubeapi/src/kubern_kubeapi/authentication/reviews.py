"""TokenReview and SelfSubjectReview: questions about identities (upstream: pkg/registry/authentication)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import bad_request
from kubern.authentication.anonymous import ANONYMOUS_USER
from kubern.authentication.bearer import token_of
from kubern.authentication.interface import AuthenticationError
from kubern.authentication.union import ANONYMOUS_ALLOWED, TOKENS
from kubern.registry.before import now_text
from kubern.util.aggregate import aggregate
from kubern.util.json_copy import json_copy

if TYPE_CHECKING:
    from kubern.authentication.interface import AuthenticationResponse, TokenAuthenticator
    from kubern.registry.written import Validate
    from kubern.request import RequestContext, User
    from kubern.server import GenericAPIServer

Object = dict[str, Any]
INVALID_TOKEN = "invalid bearer token"


def user_info(user: User) -> Object:
    """authentication.k8s.io/v1 UserInfo."""
    out: Object = {}
    if user.name:
        out["username"] = user.name
    if user.uid:
        out["uid"] = user.uid
    if user.groups:
        out["groups"] = list(user.groups)
    if user.extra:
        out["extra"] = {key: list(values) for key, values in sorted(user.extra.items())}
    return out


class SelfSubjectReviews:
    """Who the caller is."""

    namespaced = False

    def __init__(self, server: GenericAPIServer) -> None:
        pass

    async def create(
        self, ctx: RequestContext, obj: Object, *, validate: Validate | None = None, dry_run: bool = False
    ) -> Object:
        """A review that has nothing but its status."""
        if validate is not None:
            await validate(json_copy(obj), None)
        return {
            "apiVersion": obj["apiVersion"],
            "kind": obj["kind"],
            "metadata": {"creationTimestamp": now_text()},
            "status": {"userInfo": user_info(ctx.effective_user)},
        }


class TokenReviews:
    """Whose a token is."""

    namespaced = False

    def __init__(self, server: GenericAPIServer) -> None:
        from kubern.options.authentication import AuthenticationOptions

        self._shared = server.config.shared
        self._audiences = server.config.options.section(AuthenticationOptions).api_audiences

    async def create(
        self, ctx: RequestContext, obj: Object, *, validate: Validate | None = None, dry_run: bool = False
    ) -> Object:
        """The review with its status. Raises StatusError 400."""
        spec = obj.get("spec") or {}
        if not spec.get("token"):
            raise bad_request("token is required for TokenReview in authentication")
        if validate is not None:
            await validate(json_copy(obj), None)
        audiences = tuple(spec.get("audiences") or self._audiences)
        # The review stands for a request with such a header: what is no token there is none here.
        token = token_of(f"Bearer {spec['token']}", ctx.warnings)
        answer = await self._status(token, audiences) if token else self._status_without_token(audiences)
        # What a client sent stays where there is nothing to say.
        sent = {key: value for key, value in (obj.get("status") or {}).items() if key != "authenticated"}
        obj["status"] = {"user": {}, **sent, **answer}
        return obj

    def _status_without_token(self, audiences: tuple[str, ...]) -> Object:
        if not self._shared.get(ANONYMOUS_ALLOWED):
            return {}
        status: Object = {"authenticated": True, "user": user_info(ANONYMOUS_USER.user)}
        return {**status, "audiences": list(audiences)} if audiences else status

    async def _status(self, token: str, audiences: tuple[str, ...]) -> Object:
        tokens: TokenAuthenticator = self._shared[TOKENS]
        response: AuthenticationResponse | None = None
        # The server's own client is asked first upstream and has no token to compare with here.
        errors = [INVALID_TOKEN]
        try:
            response = await tokens.authenticate_token(token, audiences)
        except AuthenticationError as error:
            errors += error.messages
        if response is None:
            return {"error": aggregate(errors)}
        status: Object = {"authenticated": True, "user": user_info(response.user)}
        if response.audiences:
            status["audiences"] = list(response.audiences)
        return status
