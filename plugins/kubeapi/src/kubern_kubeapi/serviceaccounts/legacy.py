"""Checks tokens that live in secrets of type kubernetes.io/service-account-token (upstream: serviceaccount/legacy.go)."""

from __future__ import annotations

import base64
import binascii
import datetime
import hmac
from collections.abc import Sequence
from typing import Any

from kubern.authentication.interface import AuthenticationError, AuthenticationResponse
from kubern.authentication.usernames import service_account_username
from kubern_kubeapi.serviceaccounts import claims as c
from kubern_kubeapi.serviceaccounts.authenticator import SignedTokens
from kubern_kubeapi.serviceaccounts.objects import BoundObjects

Object = dict[str, Any]
ISSUER = "kubernetes/serviceaccount"
LAST_USED = "kubernetes.io/legacy-token-last-used"
INVALID_SINCE = "kubernetes.io/legacy-token-invalid-since"
_CLAIM = "kubernetes.io/serviceaccount/"
_CLAIMS = {
    "namespace": "namespace",
    "secret.name": "secretName",
    "service-account.name": "serviceAccountName",
    "service-account.uid": "serviceAccountUID",
}
_AUTO_GENERATED = (
    "Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated "
    "secret-based tokens."
)


class LegacyTokens:
    """Tells whose a token without end is; --service-account-lookup=false believes it without looking."""

    live = True

    def __init__(
        self, tokens: SignedTokens, objects: BoundObjects, audiences: Sequence[str], *, lookup: bool = True
    ) -> None:
        self._tokens = tokens
        self._objects = objects
        self._audiences = tuple(audiences)
        self._lookup = lookup

    async def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> AuthenticationResponse | None:
        claims = self._tokens.claims_of(token)
        if claims is None:
            return None
        wanted = audiences or self._audiences
        shared = tuple(a for a in self._audiences if a in wanted)
        if not shared and self._audiences:
            raise AuthenticationError("token audiences are invalid for the target audiences")
        namespace, secret_name, name, uid = _needed(claims)
        warnings = await self._check(token, namespace, secret_name, name, uid) if self._lookup else ()
        annotations = {"authentication.k8s.io/legacy-token": str(claims["sub"])}
        return AuthenticationResponse(c.user(namespace, name, uid), shared, warnings, annotations)

    async def _check(self, token: str, namespace: str, secret_name: str, name: str, uid: str) -> tuple[str, ...]:
        secret = await self._objects.find("secrets", namespace, secret_name)
        if secret is None or "deletionTimestamp" in secret["metadata"]:
            raise AuthenticationError("Token has been invalidated")
        if not hmac.compare_digest(_stored_token(secret), token.encode()):
            raise AuthenticationError("Token does not match server's copy")
        account = await self._objects.find("serviceaccounts", namespace, name)
        if account is None:
            raise AuthenticationError(f'serviceaccounts "{name}" not found')
        if "deletionTimestamp" in account["metadata"]:
            raise AuthenticationError(f"ServiceAccount {namespace}/{name} has been deleted")
        found = account["metadata"].get("uid", "")
        if found != uid:
            raise AuthenticationError(f"ServiceAccount UID ({found}) does not match claim ({uid})")
        if (secret["metadata"].get("labels") or {}).get(INVALID_SINCE):
            raise AuthenticationError(
                f"the token in secret {namespace}/{secret_name} for service account {namespace}/{name} has been "
                "marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or "
                f"remove the '{INVALID_SINCE}' label from the secret to temporarily allow use of this token"
            )
        await self._note_use(secret)
        listed = any(ref.get("name") == secret_name for ref in account.get("secrets") or ())
        return (_AUTO_GENERATED,) if listed else ()

    async def _note_use(self, secret: Object) -> None:
        """Keep the day of the last use in a label, by which unused tokens are found and cleaned up."""
        today = datetime.datetime.now(datetime.UTC).date()
        tomorrow = today + datetime.timedelta(days=1)
        # Another server's clock may have begun the next day.
        if (secret["metadata"].get("labels") or {}).get(LAST_USED) not in (today.isoformat(), tomorrow.isoformat()):
            await self._objects.label(secret, LAST_USED, today.isoformat())


def _needed(claims: Object) -> tuple[str, str, str, str]:
    """Namespace, secret, name and UID of the account. Raises AuthenticationError."""
    if not claims.get("sub"):
        raise AuthenticationError("sub claim is missing")
    found = []
    for claim, called in _CLAIMS.items():
        value = claims.get(_CLAIM + claim)
        if not value or not isinstance(value, str):
            raise AuthenticationError(f"{called} claim is missing")
        found.append(value)
    namespace, secret_name, name, uid = found
    if claims["sub"] != service_account_username(namespace, name):
        raise AuthenticationError("sub claim is invalid")
    return namespace, secret_name, name, uid


def _stored_token(secret: Object) -> bytes:
    try:
        return base64.b64decode((secret.get("data") or {}).get("token", ""))
    except binascii.Error:
        return b""
