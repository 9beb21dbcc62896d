"""JSON Web Tokens: signed, read without trust, and verified, with the errors that upstream's library gives.

The cryptography is PyJWT's, imported with the first token. Next: `authenticator.py`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import Any

import orjson

from kubern.authentication.interface import AuthenticationError
from kubern.util.aggregate import aggregate
from kubern_kubeapi.serviceaccounts.keys import PublicKey, SigningKey

Object = dict[str, Any]
LEEWAY = 60
"""Seconds that clocks may differ."""
_BAD_SIGNATURE = "go-jose/go-jose: error in cryptographic primitive"


def sign(key: SigningKey, claims: Object) -> str:
    """The token that says `claims`."""
    import jwt

    payload = orjson.dumps(claims, option=orjson.OPT_SORT_KEYS)
    headers = {"typ": "", "kid": key.public.key_id}
    return jwt.PyJWS().encode(payload, key.key, algorithm=key.public.algorithm, headers=headers)  # type: ignore[arg-type]


def unverified_claims(token: str) -> Object | None:
    """The claims of a token before anything was checked, None for what is no token."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        payload = parts[1].encode("ascii")
        claims = orjson.loads(base64.b64decode(payload + b"=" * (-len(payload) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return None
    return claims if isinstance(claims, dict) else None


def key_id_of(token: str) -> str | None:
    """The key that a token names ("" for none), None when its header cannot be read."""
    import jwt

    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        return None
    return str(header.get("kid", ""))


def verify(token: str, keys: Iterable[PublicKey]) -> Object:
    """The claims of a token signed by one of `keys`. Raises AuthenticationError."""
    import jwt

    errors = []
    for key in keys:
        try:
            payload = jwt.PyJWS().decode(token, key.key, algorithms=[key.algorithm])
        except jwt.InvalidAlgorithmError:
            errors.append("go-jose/go-jose: unexpected signature algorithm")
        except jwt.PyJWTError:
            errors.append(_BAD_SIGNATURE)
        else:
            claims = orjson.loads(payload)
            if isinstance(claims, dict):
                return claims
            errors.append(_BAD_SIGNATURE)
    raise AuthenticationError(aggregate(errors))


def check_times(claims: Object, now: float) -> str:
    """What is wrong with the times of a token: expired, not valid yet, issued in the future; "" when nothing is."""
    for name in ("exp", "nbf", "iat"):
        if name in claims and not isinstance(claims[name], (int, float)):
            return "claims could not be validated due to unexpected condition"
    if "nbf" in claims and now + LEEWAY < claims["nbf"]:
        return "is not valid yet"
    if "exp" in claims and now - LEEWAY > claims["exp"]:
        return "has expired"
    if "iat" in claims and now + LEEWAY < claims["iat"]:
        return "is issued in the future"
    return ""


def audiences_of(claims: Object) -> tuple[str, ...]:
    """The claim aud, which is a text or a list of texts."""
    found = claims.get("aud")
    if isinstance(found, str):
        return (found,)
    return tuple(a for a in found if isinstance(a, str)) if isinstance(found, list) else ()
