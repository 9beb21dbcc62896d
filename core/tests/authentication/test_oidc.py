"""OpenID Connect against an issuer over real TLS."""

from __future__ import annotations

import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from kubern.authentication.interface import AuthenticationError
from kubern.authentication.oidc import issuer as issuer_module
from kubern.authentication.oidc.configuration import build_issuers
from kubern.request import User

KEY, OTHER_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


class Provider:
    """An issuer: its documents and its tokens."""

    def __init__(self) -> None:
        self.url = ""
        self.keys = {"one": KEY}

    def answer(self, path: str, headers: dict[str, str], document: Any) -> tuple[int, Any]:
        if path == "/.well-known/openid-configuration":
            return 200, {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        algorithm = jwt.algorithms.RSAAlgorithm
        return 200, {
            "keys": [
                {**json.loads(algorithm.to_jwk(key.public_key())), "kid": name, "use": "sig", "alg": "RS256"}
                for name, key in self.keys.items()
            ]
        }

    def token(self, key_id: str = "one", **claims: Any) -> str:
        content = {"iss": self.url, "aud": "us", "sub": "s1", "exp": time.time() + 60, **claims}
        return jwt.encode(content, self.keys.get(key_id, OTHER_KEY), "RS256", {"kid": key_id})


def authenticator(server: Any, **config: Any) -> Any:
    issuer = {"url": server.url, "audiences": ["us"], "certificateAuthority": server.ca.decode()}
    mappings = {"username": {"claim": "sub", "prefix": "oidc:"}, "groups": {"claim": "roles", "prefix": "r:"}}
    return build_issuers([{"issuer": issuer, "claimMappings": mappings, **config}], ("RS256",))


async def test_a_token_becomes_a_user(serve_json: Any) -> None:
    """Claims are mapped with their prefixes; one value of a list claim may stand alone."""
    provider = Provider()
    async with serve_json(provider.answer) as server:
        provider.url = server.url
        tokens = authenticator(server)
        response = await tokens.authenticate_token(provider.token(roles=["a", "b"]), ())
        assert response.user == User("oidc:s1", groups=("r:a", "r:b"))
        response = await tokens.authenticate_token(provider.token(roles="a"), ())
        assert response.user.groups == ("r:a",)
        assert len([path for path, _ in server.requests if path == "/keys"]) == 1


async def test_tokens_of_others_are_not_looked_at(serve_json: Any) -> None:
    """Another issuer's token is left to others, before anything is fetched."""
    async with serve_json(Provider().answer) as server:
        foreign = jwt.encode({"iss": "https://elsewhere"}, KEY, "RS256")
        tokens = authenticator(server)
        assert await tokens.authenticate_token(foreign, ()) is None
        assert await tokens.authenticate_token("opaque", ()) is None
        assert server.requests == []


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"aud": "them"}, "expected audience"),
        ({"exp": 1}, "token is expired"),
        ({"nbf": time.time() + 3600}, "not before"),
        ({"sub": None}, "username must be a text"),
        ({"key_id": "unknown"}, "failed to verify signature"),
    ],
)
async def test_bad_tokens_are_refused(serve_json: Any, claims: dict[str, Any], message: str) -> None:
    """With a reason for the log."""
    provider = Provider()
    async with serve_json(provider.answer) as server:
        provider.url = server.url
        with pytest.raises(AuthenticationError, match=message):
            await authenticator(server).authenticate_token(provider.token(**claims), ())


async def test_new_keys_are_fetched(serve_json: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that names an unknown key makes the keys be read again, though not all the time."""
    provider = Provider()
    async with serve_json(provider.answer) as server:
        provider.url = server.url
        tokens = authenticator(server)
        await tokens.authenticate_token(provider.token(), ())
        provider.keys["two"] = OTHER_KEY
        with pytest.raises(AuthenticationError):
            await tokens.authenticate_token(provider.token("two"), ())
        monkeypatch.setattr(issuer_module, "MIN_REFRESH_SECONDS", 0.0)
        assert (await tokens.authenticate_token(provider.token("two"), ())).user.name == "oidc:s1"


async def test_expressions_map_and_check(serve_json: Any) -> None:
    """CEL makes name, groups, uid and extra, and says which claims and users are good."""
    provider = Provider()
    config = {
        "claimMappings": {
            "username": {"expression": "claims.sub + '@' + claims.tenant"},
            "groups": {"expression": "claims.roles.map(r, 'role-' + r)"},
            "uid": {"expression": "claims.sub"},
            "extra": [{"key": "example.com/tenant", "valueExpression": "claims.tenant"}],
        },
        "claimValidationRules": [{"expression": "claims.tenant in ['x', 'y']", "message": "no such tenant"}],
        "userValidationRules": [{"expression": "!user.username.startsWith('root')", "message": "not root"}],
    }
    async with serve_json(provider.answer) as server:
        provider.url = server.url
        tokens = authenticator(server, **config)
        response = await tokens.authenticate_token(provider.token(tenant="x", roles=["a"]), ())
        assert response.user == User("s1@x", "s1", ("role-a",), {"example.com/tenant": ("x",)})
        for claims, message in (({"tenant": "z"}, "no such tenant"), ({"tenant": "x", "sub": "root"}, "not root")):
            with pytest.raises(AuthenticationError, match=message):
                await tokens.authenticate_token(provider.token(roles=[], **claims), ())
