"""A server in a process of its own to fuzz, with a custom resource, a namespace for the noise and an object to watch over."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubern.testing.servers import RunningServer, server_process
from kubern.testing.waiting import eventually

from .surface import Surface, read_surface

_CRD = Path(__file__).parents[1] / "data" / "fuzz-crd.json"
KNOWN = "/api/v1/namespaces/known/configmaps/known"


@pytest.fixture(scope="session")
def fuzzed() -> Iterator[RunningServer]:
    """The server; it must still be alive, and the known object as it was made, when all tests are over."""
    with server_process("--authorization-mode=Node,RBAC") as server:
        for namespace in ("fuzz", "known"):
            _create(server, "/api/v1/namespaces", {"metadata": {"name": namespace}})
            _create(server, f"/api/v1/namespaces/{namespace}/serviceaccounts", {"metadata": {"name": "default"}})
        _create(server, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json.loads(_CRD.read_bytes()))
        _create(server, KNOWN.rpartition("/")[0], {"metadata": {"name": "known"}, "data": {"a": "b"}})
        before = server.request("GET", KNOWN).body
        yield server
        os.kill(server.pid, 0)
        assert server.request("GET", "/readyz").status == 200
        assert server.request("GET", KNOWN).body == before


@pytest.fixture(scope="session")
def surface(fuzzed: RunningServer) -> Surface:
    """All that the server publishes, the custom resource included."""
    eventually(lambda: "apis/fuzz.example.com/v2" in fuzzed.request("GET", "/openapi/v3").json()["paths"])
    return read_surface(fuzzed)


def _create(server: RunningServer, path: str, body: object) -> None:
    answer = server.request("POST", path, body)
    assert answer.status in (201, 409), answer.body
