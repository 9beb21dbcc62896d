"""Checks tokens issued by TokenRequest (upstream: serviceaccount.JWTTokenAuthenticator and its validator).

A good signature is remembered; whether the account and the bound objects are still there is looked up every time, so
that a token ends in the moment in which what it is bound to goes. Next: `legacy.py` for tokens kept in secrets.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from typing import Any

from kubern.authentication.interface import AuthenticationError, AuthenticationResponse
from kubern.authentication.usernames import NODE_NAME_KEY
from kubern.request import User
from kubern.util.goquote import go_quote
from kubern_kubeapi.serviceaccounts import claims as c
from kubern_kubeapi.serviceaccounts.jwt_tokens import (
    LEEWAY,
    audiences_of,
    check_times,
    key_id_of,
    unverified_claims,
    verify,
)
from kubern_kubeapi.serviceaccounts.keys import PublicKey
from kubern_kubeapi.serviceaccounts.objects import BoundObjects, is_deleted

Object = dict[str, Any]
_MAX_VERIFIED = 4096
_INVALIDATED = "service account token has been invalidated"


class SignedTokens:
    """Tokens of some issuers, signed by some keys; signatures that were good are kept by the token's digest."""

    def __init__(self, issuers: Sequence[str], keys: Sequence[PublicKey]) -> None:
        self._issuers = frozenset(issuers)
        self._keys = tuple(keys)
        self._verified: dict[bytes, Object] = {}

    def claims_of(self, token: str) -> Object | None:
        """The token's claims, None when it is of another issuer. Raises AuthenticationError."""
        digest = hashlib.sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is not None:
            return known
        claims = unverified_claims(token)
        if claims is None or claims.get("iss") not in self._issuers:
            return None
        key_id = key_id_of(token)
        if key_id is None:
            return None
        keys = tuple(key for key in self._keys if key.key_id == key_id) if key_id else self._keys
        if not keys:
            raise AuthenticationError("invalid signature, no keys found")
        claims = verify(token, keys)
        if len(self._verified) >= _MAX_VERIFIED:
            self._verified.clear()
        self._verified[digest] = claims
        return claims


class ServiceAccountTokens:
    """Tells whose a token is. Answers hold for the moment only (`live`)."""

    live = True

    def __init__(
        self, tokens: SignedTokens, objects: BoundObjects, audiences: Sequence[str], *, lookup: bool = True
    ) -> None:
        self._tokens = tokens
        self._objects = objects
        self._audiences = tuple(audiences)

    async def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> AuthenticationResponse | None:
        claims = self._tokens.claims_of(token)
        if claims is None:
            return None
        own = audiences_of(claims) or self._audiences
        wanted = audiences or self._audiences
        shared = tuple(a for a in own if a in wanted)
        if not shared and self._audiences:
            raise AuthenticationError(
                f"token audiences {_quoted(own)} is invalid for the target audiences {_quoted(wanted)}"
            )
        annotations: dict[str, str] = {}
        user = await self._user(claims, annotations)
        return AuthenticationResponse(user, shared, annotations=annotations)

    async def _user(self, claims: Object, annotations: dict[str, str]) -> User:
        now = time.time()
        problem = check_times(claims, now)
        if problem:
            raise AuthenticationError(f"service account token {problem}")
        about = claims.get("kubernetes.io")
        about = about if isinstance(about, dict) else {}
        namespace = about.get("namespace", "")
        account = about.get("serviceaccount") or {}
        name, uid = account.get("name", ""), account.get("uid", "")
        await self._check_account(namespace, name, uid, now - LEEWAY)
        if about.get("secret"):
            await self._check_bound("secret", namespace, about["secret"], now - LEEWAY)
        if about.get("pod"):
            await self._check_bound("pod", namespace, about["pod"], now - LEEWAY)
        elif about.get("node"):
            await self._check_bound("node", "", about["node"], now - LEEWAY)
        warn_after = about.get("warnafter", 0)
        if warn_after and now > warn_after:
            annotations["authentication.k8s.io/stale-token"] = (
                f"subject: {claims.get('sub', '')}, seconds after warning threshold: {int(now) - int(warn_after)}"
            )
        return c.user(namespace, name, uid, _extra(about, claims.get("jti", "")))

    async def _check_account(self, namespace: str, name: str, uid: str, before: float) -> None:
        account = await self._objects.find("serviceaccounts", namespace, name)
        if account is None:
            raise AuthenticationError(f"serviceaccounts {go_quote(name)} not found")
        found = account["metadata"].get("uid", "")
        if found != uid:
            raise AuthenticationError(f"service account UID ({found}) does not match claim ({uid})")
        if is_deleted(account, before):
            raise AuthenticationError(f"service account {namespace}/{name} has been deleted")

    async def _check_bound(self, kind: str, namespace: str, reference: Object, before: float) -> None:
        obj = await self._objects.find(kind + "s", namespace, reference.get("name", ""))
        if obj is None:
            raise AuthenticationError(_INVALIDATED)
        found, claimed = obj["metadata"].get("uid", ""), reference.get("uid", "")
        if found != claimed:
            raise AuthenticationError(
                f"{kind} UID ({found}) does not match service account {kind} ref claim ({claimed})"
            )
        if is_deleted(obj, before):
            raise AuthenticationError(_INVALIDATED)


def _extra(about: Object, jti: str) -> dict[str, str]:
    """What the user's extra says of pod, token and node."""
    pod, node = about.get("pod") or {}, about.get("node") or {}
    extra = {}
    if pod.get("name") and pod.get("uid"):
        extra = {c.POD_NAME: pod["name"], c.POD_UID: pod["uid"]}
    extra[c.CREDENTIAL_ID] = c.credential_id(jti)
    if node.get("name"):
        extra |= {NODE_NAME_KEY: node["name"], c.NODE_UID: node.get("uid", "")}
    return extra


def _quoted(audiences: Sequence[str]) -> str:
    return "[" + " ".join(map(go_quote, audiences)) + "]"
