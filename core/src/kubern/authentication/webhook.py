"""Bearer tokens that a webhook knows: TokenReview to a remote server (upstream: plugin/authenticator/token/webhook)."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from kubern.authentication.interface import AuthenticationError, AuthenticationResponse
from kubern.remote.client import RemoteClient, RemoteError
from kubern.request import User

Object = dict[str, Any]
_MAX_CACHED = 4096


class WebhookTokens:
    """Asks the server of --authentication-token-webhook-config-file; answers are kept for `ttl` seconds."""

    def __init__(self, client: RemoteClient, version: str, audiences: tuple[str, ...], ttl: float) -> None:
        self._client = client
        self._version = version
        self._audiences = audiences
        self._ttl = ttl
        self._known: dict[tuple[bytes, tuple[str, ...]], tuple[float, Object]] = {}

    async def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> AuthenticationResponse | None:
        status = await self._status(token, audiences)
        shared: tuple[str, ...] = ()
        if audiences:
            accepted = tuple(status.get("audiences") or self._audiences)
            shared = tuple(a for a in audiences if a in accepted)
            if not shared:
                return None
        if not status.get("authenticated"):
            if status.get("error"):
                raise AuthenticationError(str(status["error"]))
            return None
        return AuthenticationResponse(_user(status.get("user") or {}), shared)

    async def _status(self, token: str, audiences: tuple[str, ...]) -> Object:
        key = (hashlib.sha256(token.encode()).digest(), audiences)
        known = self._known.get(key)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        spec: Object = {"token": token}
        if audiences:
            spec["audiences"] = list(audiences)
        review = {
            "apiVersion": f"authentication.k8s.io/{self._version}",
            "kind": "TokenReview",
            "metadata": {},
            "spec": spec,
            "status": {"user": {}},
        }
        try:
            answer = await self._client.post(review)
        except RemoteError as error:
            raise AuthenticationError(str(error)) from error
        status = answer.get("status") if isinstance(answer, dict) else None
        if not isinstance(status, dict):
            raise AuthenticationError("the token webhook's answer has no status")
        if self._ttl > 0:
            if len(self._known) >= _MAX_CACHED:
                self._known.clear()
            self._known[key] = (time.monotonic() + self._ttl, status)
        return status


def _user(info: Object) -> User:
    extra = {key: tuple(values) for key, values in (info.get("extra") or {}).items()}
    return User(info.get("username", ""), info.get("uid", ""), tuple(info.get("groups") or ()), extra)
