"""Each member of the chain can be left out, and the rest works."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kubern.plugins import build_plugin_manager
from kubern.testing.servers import RunningServer
from kubern.testing.waiting import eventually

Start = Callable[..., RunningServer]
CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "greetings.greeter.example"},
    "spec": {
        "group": "greeter.example",
        "scope": "Namespaced",
        "names": {"plural": "greetings", "singular": "greeting", "kind": "Greeting", "listKind": "GreetingList"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {"type": "object", "properties": {"text": {"type": "string"}}},
                },
            }
        ],
    },
}


def groups(server: RunningServer) -> set[str]:
    return {group["name"] for group in server.request("GET", "/apis").json()["groups"]}


def test_without_aggregator_every_group_is_still_listed(start_server: Start) -> None:
    """There are no APIServices, discovery is complete."""
    server = start_server("--disable-plugins=aggregator")
    assert {"apps", "batch", "rbac.authorization.k8s.io"} <= groups(server)
    assert "apiregistration.k8s.io" not in groups(server)
    assert server.request("GET", "/apis/apiregistration.k8s.io/v1/apiservices").status == 404


def test_without_apiextensions_there_are_no_crds(start_server: Start) -> None:
    """The built-in kinds work."""
    server = start_server("--disable-plugins=apiextensions")
    assert server.request("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions").status == 404
    assert server.request("GET", "/apis/apps/v1/deployments").status == 200


def test_without_kubeapi_namespaces_still_work(start_server: Start) -> None:
    """Core serves the kind itself when no member claims it."""
    server = start_server("--disable-plugins=kubeapi")
    assert server.request("POST", "/api/v1/namespaces", {"metadata": {"name": "demo"}}).status == 201
    assert server.request("GET", "/api/v1/namespaces/demo").json()["status"] == {"phase": "Active"}
    assert server.request("GET", "/api/v1/pods").status == 404


@pytest.mark.parametrize("disabled", ["", "kubeapi", "aggregator", "kubeapi,aggregator"])
def test_custom_resources_in_every_chain_that_has_apiextensions(start_server: Start, disabled: str) -> None:
    """A definition is established and its objects are served, with and without the other members."""
    if "apiextensions" not in {spec.name for spec in build_plugin_manager().servers()}:
        pytest.skip("the installed kubern-apiextensions brings no member")
    server = start_server(f"--disable-plugins={disabled}")
    created = server.request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", CRD)
    assert created.status == 201, created.body
    server.request("POST", "/api/v1/namespaces", {"metadata": {"name": "demo"}})
    path = "/apis/greeter.example/v1/namespaces/demo/greetings"
    greeting = {
        "apiVersion": "greeter.example/v1",
        "kind": "Greeting",
        "metadata": {"name": "a"},
        "text": "hello",
        "junk": 1,
    }
    eventually(lambda: server.request("GET", path).status == 200)
    answer = server.request("POST", path, greeting)
    assert answer.status == 201, answer.body
    assert answer.json()["text"] == "hello"
    assert "junk" not in answer.json()
    assert "greeter.example" in groups(server)
