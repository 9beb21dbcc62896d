"""How requests come by their users."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt

from kubern.testing.servers import RunningServer
from kubern.util.certificates import new_rsa_key

from .json_server import json_server

Start = Callable[..., RunningServer]
LEAN = "--disable-plugins=aggregator,apiextensions"
REVIEW = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts"


def _who(server: RunningServer, token: str | None = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    answer = server.request("POST", REVIEW, {}, headers, token=token)
    return answer.status, answer.json()["status"]["userInfo"] if answer.status == 201 else None


def _token(server: RunningServer, name: str = "robot", **spec: Any) -> tuple[int, Any]:
    server.request("POST", ACCOUNTS, {"metadata": {"name": name}})
    answer = server.request("POST", f"{ACCOUNTS}/{name}/token", {"spec": spec})
    return answer.status, answer.json()


def _claims(token: str) -> Any:
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def test_tokens_are_reviewed_elsewhere(start_server: Start, tmp_path: Path) -> None:
    """A webhook says whose a token is, in the version of the flag, and is not asked again while its answer lasts."""

    def answer(review: Any) -> tuple[int, Any]:
        known = review["spec"]["token"] == "good"
        user = {"username": "ada", "groups": ["engines"]} if known else {}
        return 200, {**review, "status": {"authenticated": known, "user": user}}

    with json_server(tmp_path, answer) as there:
        server = start_server(
            LEAN, f"--authentication-token-webhook-config-file={there.kubeconfig}",
            "--authentication-token-webhook-version=v1", "--authentication-token-webhook-cache-ttl=1h",
        )  # fmt: skip
        for _ in range(2):
            status, user = _who(server, "good")
            assert (status, user["username"]) == (201, "ada")
            assert "engines" in user["groups"]
        assert _who(server, "bad")[0] == 401
        assert [review["spec"]["token"] for review in there.requests] == ["good", "bad"]
        assert there.requests[0]["apiVersion"] == "authentication.k8s.io/v1"


def test_audiences_of_the_api(start_server: Start) -> None:
    """--api-audiences is what tokens are for when they do not say, and what they must be for here."""
    server = start_server(LEAN, "--api-audiences=https://here,https://also")
    _, answer = _token(server)
    assert answer["spec"]["audiences"] == ["https://here", "https://also"]
    assert _who(server, answer["status"]["token"])[0] == 201
    _, answer = _token(server, audiences=["https://elsewhere"])
    assert _who(server, answer["status"]["token"])[0] == 401


def test_the_former_name_of_audiences(start_server: Start) -> None:
    """--service-account-api-audiences still means the same."""
    server = start_server(LEAN, "--service-account-api-audiences=https://before")
    assert _token(server)[1]["spec"]["audiences"] == ["https://before"]


def test_lives_of_tokens(start_server: Start) -> None:
    """No token lasts longer than the flag allows; without extension none lasts longer than asked for."""
    server = start_server(LEAN, "--service-account-max-token-expiration=2h")
    _, answer = _token(server, expirationSeconds=86400)
    assert answer["spec"]["expirationSeconds"] == 7200
    pod_token: Any = {"expirationSeconds": 3607, "audiences": ["https://kubernetes.default.svc"]}
    for flag, extended in (("true", True), ("false", False)):
        server = start_server(LEAN, f"--service-account-extend-token-expiration={flag}")
        pod: Any = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
        server.request("POST", ACCOUNTS, {"metadata": {"name": "robot"}})
        pod["spec"]["serviceAccountName"] = "robot"
        made = server.request("POST", "/api/v1/namespaces/default/pods", pod)
        assert made.status == 201, made.body
        bound = {"kind": "Pod", "apiVersion": "v1", "name": "p", "uid": made.json()["metadata"]["uid"]}
        claims = _claims(_token(server, **pod_token, boundObjectRef=bound)[1]["status"]["token"])
        assert (claims["exp"] - claims["iat"] > 4000) is extended
        assert ("warnafter" in claims["kubernetes.io"]) is extended


def test_tokens_of_secrets_that_are_gone(start_server: Start, tmp_path: Path) -> None:
    """--service-account-lookup=false believes a token of the old kind alone; others are always looked up."""
    key = tmp_path / "sa.key"
    key.write_bytes(new_rsa_key())
    prefix = "kubernetes.io/serviceaccount"
    claims = {
        "iss": "kubernetes/serviceaccount", "sub": "system:serviceaccount:default:gone", f"{prefix}/namespace": "default",
        f"{prefix}/secret.name": "gone-token", f"{prefix}/service-account.name": "gone",
        f"{prefix}/service-account.uid": "1",
    }  # fmt: skip
    token = jwt.encode(claims, key.read_bytes(), algorithm="RS256")
    files = (f"--service-account-signing-key-file={key}", f"--service-account-key-file={key}")
    for flag, status in (("true", 401), ("false", 201)):
        server = start_server(LEAN, f"--service-account-lookup={flag}", *files)
        assert _who(server, token)[0] == status


def test_where_keys_are_published(start_server: Start) -> None:
    """--service-account-jwks-uri goes into the issuer's document."""
    server = start_server(LEAN, "--service-account-jwks-uri=https://keys.example.com/jwks")
    document = server.request("GET", "/.well-known/openid-configuration").json()
    assert document["jwks_uri"] == "https://keys.example.com/jwks"


def test_passwords_are_gone(start_server: Start, tmp_path: Path) -> None:
    """--basic-auth-file, dropped in 1.19, is accepted and says what it is worth."""
    file = tmp_path / "passwords.csv"
    file.write_text("secret,ada,1\n")
    server = start_server(LEAN, f"--basic-auth-file={file}")
    basic = base64.b64encode(b"ada:secret").decode()
    status, user = _who(server, headers={"Authorization": f"Basic {basic}"})
    assert (status, user and user["username"]) in ((201, "ada"), (401, None))
