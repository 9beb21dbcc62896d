"""Token reviews and access reviews: what odd questions are answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kubern.testing.servers import ADMIN_TOKEN, RunningServer, running_server

Object = dict[str, Any]
TOKENS = "/apis/authentication.k8s.io/v1/tokenreviews"
AUTHORIZATION = "/apis/authorization.k8s.io/v1"
ADMIN = "admin"
ANONYMOUS = "system:anonymous"


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server("--authorization-mode=RBAC", "--disable-plugins=aggregator,apiextensions") as running:
        running.request("POST", "/api/v1/namespaces", {"metadata": {"name": "default"}})
        yield running


@pytest.mark.parametrize(
    ("token", "name"),
    [
        (ADMIN_TOKEN, ADMIN),
        (f"{ADMIN_TOKEN} and more", ADMIN),
        (f"{ADMIN_TOKEN} ", ADMIN),
        (f" {ADMIN_TOKEN}", ANONYMOUS),
        (" ", ANONYMOUS),
        ("unknown", None),
        (f"x {ADMIN_TOKEN}", None),
    ],
)
def test_tokens_are_read_as_in_a_header(server: RunningServer, token: str, name: str | None) -> None:
    """The first word after the scheme counts; without one the request that is stood for is anonymous."""
    status = server.request("POST", TOKENS, {"spec": {"token": token}}).json()["status"]
    if name is None:
        assert status == {"user": {}, "error": "invalid bearer token"}
    else:
        assert status["authenticated"] is True
        assert status["user"]["username"] == name


def test_what_a_client_says_of_the_user_stays_when_nobody_knows_better(server: RunningServer) -> None:
    """But not that the token was good."""
    sent = {"authenticated": True, "user": {"username": "x"}}
    status = server.request("POST", TOKENS, {"spec": {"token": "unknown"}, "status": sent}).json()["status"]
    assert status == {"user": {"username": "x"}, "error": "invalid bearer token"}


def test_metadata_of_reviews_is_refused_in_gos_order(server: RunningServer) -> None:
    """Name before namespace before labels, however they were sent."""
    meta = {"labels": {"b": "1"}, "namespace": "default", "name": "q"}
    spec = {"user": "a", "resourceAttributes": {"namespace": "default", "verb": "get", "resource": "pods"}}
    path = f"{AUTHORIZATION}/namespaces/default/localsubjectaccessreviews"
    answer = server.request("POST", path, {"metadata": meta, "spec": spec})
    assert answer.status == 422
    wanted = '.authorization.k8s.io "" is invalid: metadata: Invalid value: {"name":"q","namespace":"default","labels":'
    assert answer.json()["message"].startswith(wanted)
