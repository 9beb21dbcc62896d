"""Tokens of service accounts on a running server: what they say, and when they end."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from kubern.testing.servers import RunningServer, running_server

NS = "/api/v1/namespaces/default"


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    flags = (
        "--authorization-mode=Node,RBAC",
        "--enable-bootstrap-token-auth",
        "--disable-admission-plugins=ServiceAccount",
    )
    with running_server(*flags) as running:
        post(running, f"{NS}/serviceaccounts", metadata={"name": "robot"})
        post(running, "/api/v1/nodes", metadata={"name": "n1"})
        container = {"name": "c", "image": "i"}
        spec = {"serviceAccountName": "robot", "nodeName": "n1", "containers": [container]}
        post(running, f"{NS}/pods", metadata={"name": "p"}, spec=spec)
        yield running


def post(server: RunningServer, path: str, **obj: Any) -> Any:
    answer = server.request("POST", path, obj)
    assert answer.status == 201, answer.body
    return answer.json()


def token(server: RunningServer, **spec: Any) -> str:
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
    return str(post(server, f"{NS}/serviceaccounts/robot/token", **request)["status"]["token"])


def whoami(server: RunningServer, credential: str) -> tuple[int, Any]:
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    answer = server.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", review, token=credential)
    return answer.status, answer.json().get("status", {})


def test_a_pods_token_names_pod_and_node_and_is_extended(server: RunningServer) -> None:
    """The lifetime that admission asks for becomes a year with a warning after it."""
    reference = {"apiVersion": "v1", "kind": "Pod", "name": "p"}
    bound = token(server, boundObjectRef=reference, expirationSeconds=3607)
    claims = jwt.decode(bound, options={"verify_signature": False})
    about = claims["kubernetes.io"]
    assert claims["exp"] - claims["iat"] == 365 * 24 * 3600
    assert about["warnafter"] - claims["iat"] == 3607
    assert (about["pod"]["name"], about["node"]["name"]) == ("p", "n1")
    status, found = whoami(server, bound)
    assert status == 201
    assert found["userInfo"]["extra"]["authentication.kubernetes.io/node-name"] == ["n1"]


def test_a_token_ends_with_what_it_is_bound_to(server: RunningServer) -> None:
    """At once, though it was good a moment ago."""
    post(server, f"{NS}/secrets", metadata={"name": "anchor"})
    bound = token(server, boundObjectRef={"apiVersion": "v1", "kind": "Secret", "name": "anchor"})
    assert whoami(server, bound)[0] == 201
    server.request("DELETE", f"{NS}/secrets/anchor")
    assert whoami(server, bound)[0] == 401


def test_the_published_keys_verify_tokens(server: RunningServer) -> None:
    """Relying parties need nothing but the issuer's documents."""
    keys = server.request("GET", "/openid/v1/jwks", headers={"Accept": "application/jwk-set+json"}).json()["keys"]
    configuration = server.request("GET", "/.well-known/openid-configuration").json()
    issued = token(server, audiences=["vault"])
    key = jwt.PyJWK.from_dict(keys[0])
    assert jwt.get_unverified_header(issued) == {"alg": "RS256", "kid": keys[0]["kid"]}
    assert jwt.decode(issued, key.key, ["RS256"], audience="vault", issuer=configuration["issuer"])


def test_a_tampered_token_is_nobodys(server: RunningServer) -> None:
    """Neither other claims nor another algorithm."""
    head, payload, signature = token(server).split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    forged = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "system:serviceaccount:default:root"}).encode())
    assert whoami(server, ".".join((head, forged.rstrip(b"=").decode(), signature)))[0] == 401
    assert whoami(server, jwt.encode(claims, "", "none"))[0] == 401


def test_bootstrap_tokens_join_nodes(server: RunningServer) -> None:
    """A token of kube-system is a member of system:bootstrappers until it expires."""
    data = {
        "token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-authentication": "true",
        "auth-extra-groups": "system:bootstrappers:workers",
    }  # fmt: skip
    name = "bootstrap-token-abcdef"
    path = "/api/v1/namespaces/kube-system/secrets"
    post(server, path, metadata={"name": name}, type="bootstrap.kubernetes.io/token", stringData=data)
    status, found = whoami(server, "abcdef.0123456789abcdef")
    assert (status, found["userInfo"]["username"]) == (201, "system:bootstrap:abcdef")
    assert found["userInfo"]["groups"] == [
        "system:bootstrappers",
        "system:bootstrappers:workers",
        "system:authenticated",
    ]
    patch = json.dumps({"stringData": {"expiration": "2001-01-01T00:00:00Z"}}).encode()
    server.request("PATCH", f"{path}/{name}", patch, {"Content-Type": "application/merge-patch+json"})
    assert whoami(server, "abcdef.0123456789abcdef")[0] == 401
