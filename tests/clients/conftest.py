"""One server in a process of its own for all client libraries, and a namespace for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from kubern.testing.servers import RunningServer, server_process
from kubern.testing.waiting import eventually

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def cluster() -> Iterator[RunningServer]:
    """The server; its kubeconfig is all that a client gets."""
    with server_process("--authorization-mode=Node,RBAC") as server:
        yield server


@pytest.fixture
def namespace(cluster: RunningServer) -> str:
    """A namespace of the test's own, with the service account that pods in it need."""
    name = f"clients-{next(_numbers)}"
    assert cluster.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}}).status == 201
    account = cluster.request("POST", f"/api/v1/namespaces/{name}/serviceaccounts", {"metadata": {"name": "default"}})
    assert account.status in (201, 409)
    return name


@pytest.fixture(scope="session")
def widgets(cluster: RunningServer) -> str:
    """The plural of a custom resource in group clients.example.com, kind Widget, version v1, with status and scale."""
    create_crd(cluster, "widgets", "Widget", {"v1": True})
    return "widgets"


def create_crd(server: RunningServer, plural: str, kind: str, versions: dict[str, bool]) -> None:
    """Define a custom resource in clients.example.com and wait until it is served; True marks the stored version."""
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    answer = server.request("POST", path, definition(plural, kind, versions))
    assert answer.status == 201, answer.body
    served = [f"/apis/clients.example.com/{version}/{plural}" for version in versions]
    eventually(lambda: all(server.request("GET", each).status == 200 for each in served))


def definition(plural: str, kind: str, versions: dict[str, bool]) -> dict[str, Any]:
    open_object = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    spec = {**open_object, "properties": {"replicas": {"type": "integer", "default": 1}, "size": {"type": "string"}}}
    schema = {"type": "object", "properties": {"spec": spec, "status": open_object}}
    scale = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.clients.example.com"},
        "spec": {
            "group": "clients.example.com",
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind},
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": stored,
                    "schema": {"openAPIV3Schema": schema},
                    "subresources": {"status": {}, "scale": scale},
                }
                for version, stored in versions.items()
            ],
        },
    }
