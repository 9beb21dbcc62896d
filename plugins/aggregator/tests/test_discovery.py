"""The plain documents of discovery show what is registered; the aggregated ones what is served."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kubern.testing.servers import RunningServer, running_server
from kubern.testing.waiting import eventually

REGISTRATIONS = "/apis/apiregistration.k8s.io/v1/apiservices"
AGGREGATED = {"Accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server() as found:
        yield found


def plain(server: RunningServer) -> list[str]:
    return [group["name"] for group in server.request("GET", "/apis").json()["groups"]]


def aggregated(server: RunningServer) -> dict[str, list[str]]:
    items = server.request("GET", "/apis", headers=AGGREGATED).json()["items"]
    return {item["metadata"]["name"]: [version["version"] for version in item["versions"]] for item in items}


def patch(server: RunningServer, name: str, spec: dict[str, Any]) -> None:
    merge = {"Content-Type": "application/merge-patch+json"}
    assert server.request("PATCH", f"{REGISTRATIONS}/{name}", {"spec": spec}, merge).status == 200


def test_deleted_registrations_are_not_listed(server: RunningServer) -> None:
    """The group is gone from the list, is served all the same, and does not come back by itself."""
    assert server.request("DELETE", f"{REGISTRATIONS}/v1.batch").status == 200
    eventually(lambda: "batch" not in plain(server))
    assert server.request("GET", "/apis/batch").status == 200
    assert server.request("GET", "/apis/batch/v1/jobs").status == 200
    assert "batch" in aggregated(server)
    assert server.request("GET", f"{REGISTRATIONS}/v1.batch").status == 404


def test_priorities_order_the_plain_documents(server: RunningServer) -> None:
    """Groups and versions stand as their APIServices say."""
    patch(server, "v1.apps", {"groupPriorityMinimum": 1})
    eventually(lambda: plain(server)[-1] == "apps")
    patch(server, "v1.autoscaling", {"versionPriority": 99})

    def preferred() -> str:
        return str(server.request("GET", "/apis/autoscaling").json()["preferredVersion"]["version"])

    eventually(lambda: preferred() == "v1")
    assert aggregated(server)["autoscaling"] == ["v2", "v1"]


def test_registrations_of_what_nobody_serves(server: RunningServer) -> None:
    """A local APIService without a server: its group is listed, its version not found."""
    spec = {"group": "nobody.example", "version": "v1", "groupPriorityMinimum": 10, "versionPriority": 10}
    registration = {"metadata": {"name": "v1.nobody.example"}, "spec": spec}
    assert server.request("POST", REGISTRATIONS, registration).status == 201
    eventually(lambda: "nobody.example" in plain(server))
    assert server.request("GET", "/apis/nobody.example").json()["preferredVersion"]["version"] == "v1"
    missing = server.request("GET", "/apis/nobody.example/v1")
    assert (missing.status, missing.body) == (404, b"404 page not found\n")
    assert "nobody.example" not in aggregated(server)


def test_remote_versions_stand_beside_local_ones(server: RunningServer) -> None:
    """A version that another server has comes first when its priority says so, and is stale while that is away."""
    spec = {"group": "policy", "version": "v9", "groupPriorityMinimum": 10, "versionPriority": 100}
    service = {"namespace": "default", "name": "nowhere"}
    registration = {"metadata": {"name": "v9.policy"}, "spec": {**spec, "service": service}}
    assert server.request("POST", REGISTRATIONS, registration).status == 201
    eventually(lambda: aggregated(server)["policy"] == ["v9", "v1"])
    assert server.request("GET", "/apis/policy").json()["preferredVersion"]["version"] == "v9"
    assert server.request("GET", "/apis/policy/v9").status == 503
    assert server.request("GET", "/apis/policy/v1").status == 200
