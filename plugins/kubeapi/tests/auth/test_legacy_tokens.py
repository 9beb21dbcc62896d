"""Tokens that live in secrets."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from kubern.testing.servers import RunningServer, running_server

NS = "/api/v1/namespaces/default"
REVIEW = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
MERGE = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server("--authorization-mode=RBAC") as running:
        running.request("POST", "/api/v1/namespaces", {"metadata": {"name": "default"}})
        assert running.request("POST", f"{NS}/serviceaccounts", {"metadata": {"name": "robot"}}).status == 201
        yield running


def _secret(server: RunningServer, name: str) -> str:
    """The token of a new secret, signed as a token controller does."""
    account = server.request("GET", f"{NS}/serviceaccounts/robot").json()["metadata"]
    claim = "kubernetes.io/serviceaccount/"
    claims = {
        "iss": "kubernetes/serviceaccount", "sub": "system:serviceaccount:default:robot",
        f"{claim}namespace": "default", f"{claim}secret.name": name, f"{claim}service-account.name": "robot",
        f"{claim}service-account.uid": account["uid"],
    }  # fmt: skip
    token = jwt.encode(claims, (server.data_dir / "pki" / "sa.key").read_text(), "RS256")
    secret = {
        "metadata": {"name": name, "annotations": {"kubernetes.io/service-account.name": "robot"}},
        "type": "kubernetes.io/service-account-token", "data": {"token": base64.b64encode(token.encode()).decode()},
    }  # fmt: skip
    assert server.request("POST", f"{NS}/secrets", secret).status == 201
    return token


def _whoami(server: RunningServer, token: str) -> Any:
    return server.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", REVIEW, token=token)


def test_the_day_of_the_last_use_is_kept(server: RunningServer) -> None:
    """In a label of the secret, written when it is another day than the label says."""
    token = _secret(server, "used")
    answer = _whoami(server, token)
    assert answer.json()["status"]["userInfo"]["username"] == "system:serviceaccount:default:robot"

    def metadata() -> Any:
        return server.request("GET", f"{NS}/secrets/used").json()["metadata"]

    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    assert metadata()["labels"] == {"kubernetes.io/legacy-token-last-used": today}
    version = metadata()["resourceVersion"]
    assert _whoami(server, token).status == 201
    assert metadata()["resourceVersion"] == version
    patch = {"metadata": {"labels": {"kubernetes.io/legacy-token-last-used": "2020-01-01"}}}
    assert server.request("PATCH", f"{NS}/secrets/used", patch, MERGE).status == 200
    assert _whoami(server, token).status == 201
    assert metadata()["labels"] == {"kubernetes.io/legacy-token-last-used": today}


def test_an_invalidated_token_is_refused(server: RunningServer) -> None:
    """Whoever cleans up marks a secret before it deletes it."""
    token = _secret(server, "old")
    assert _whoami(server, token).status == 201
    patch = {"metadata": {"labels": {"kubernetes.io/legacy-token-invalid-since": "2026-01-01"}}}
    assert server.request("PATCH", f"{NS}/secrets/old", patch, MERGE).status == 200
    assert _whoami(server, token).status == 401


def test_a_deleted_secrets_token_is_refused(server: RunningServer) -> None:
    """At once."""
    token = _secret(server, "gone")
    assert _whoami(server, token).status == 201
    assert server.request("DELETE", f"{NS}/secrets/gone").status == 200
    assert _whoami(server, token).status == 401
