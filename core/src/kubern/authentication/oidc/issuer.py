"""An issuer's keys: found through its discovery document, fetched again when a token names an unknown one."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from kubern.authentication.interface import AuthenticationError
from kubern.remote.client import RemoteClient, RemoteError
from kubern.remote.kubeconfig import Endpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubern.remote.dialing import Dial

Object = dict[str, Any]
logger = logging.getLogger(__name__)
MIN_REFRESH_SECONDS = 10.0
"""How often keys are fetched at most because of tokens that name unknown ones."""
_DISCOVERY = "/.well-known/openid-configuration"


class Issuer:
    """Where tokens come from; `discovery_url` is another place for its document."""

    def __init__(self, url: str, *, discovery_url: str = "", ca: bytes = b"", dial: Dial | None = None) -> None:
        self.url = url
        self._discovery_url = discovery_url or url.rstrip("/") + _DISCOVERY
        self._client = RemoteClient(Endpoint(url, ca=ca, dial=dial), tries=1)
        self._keys: dict[str, Any] = {}
        self._jwks_uri = ""
        self._tried_at = 0.0
        self._lock = asyncio.Lock()

    async def verify(self, token: str, algorithms: Sequence[str]) -> bytes:
        """The payload of a token with a good signature. Raises AuthenticationError."""
        import jwt

        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise AuthenticationError(f"oidc: verify token: malformed jwt: {error}") from None
        key_id = str(header.get("kid", ""))
        if not self._candidates(key_id):
            await self._refresh()
        for key in self._candidates(key_id):
            try:
                payload: bytes = jwt.PyJWS().decode(token, key, algorithms=list(algorithms))
            except jwt.PyJWTError:
                continue
            return payload
        if not self._jwks_uri:
            raise AuthenticationError(f'oidc: authenticator for issuer "{self.url}" is not initialized')
        raise AuthenticationError("oidc: verify token: failed to verify signature: failed to verify id token signature")

    def _candidates(self, key_id: str) -> list[Any]:
        if key_id:
            return [self._keys[key_id]] if key_id in self._keys else []
        return list(self._keys.values())

    async def _refresh(self) -> None:
        async with self._lock:
            now = time.monotonic()
            if self._tried_at and now - self._tried_at < MIN_REFRESH_SECONDS:
                return
            self._tried_at = now
            try:
                await self._fetch()
            except RemoteError as error:
                logger.warning("OpenID issuer %s: %s", self.url, error)

    async def _fetch(self) -> None:
        if not self._jwks_uri:
            document = await self._client.get(self._discovery_url)
            if not isinstance(document, dict) or document.get("issuer") != self.url:
                raise RemoteError(f"the discovery document at {self._discovery_url!r} is of another issuer")
            self._jwks_uri = str(document.get("jwks_uri", ""))
        found = await self._client.get(self._jwks_uri)
        self._keys = _read_keys(found)


def _read_keys(found: Any) -> dict[str, Any]:
    import jwt

    keys = {}
    for i, item in enumerate(found.get("keys") or () if isinstance(found, dict) else ()):
        if item.get("use", "sig") != "sig":
            continue
        try:
            keys[str(item.get("kid") or i)] = jwt.PyJWK.from_dict(item).key
        except (jwt.PyJWTError, KeyError, TypeError):
            logger.warning("a key of an OpenID issuer cannot be read: %s", item.get("kid"))
    return keys
