"""A definition that changes while its objects are watched, as an informer of client-go watches them."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kubern.testing.servers import RunningServer

Object = dict[str, Any]
GROUP = "changing.example.com"
DEFINITION = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{GROUP}"
JSON_PATCH = {"Content-Type": "application/json-patch+json"}


def version(name: str, storage: bool, **properties: Object) -> Object:
    spec = {"type": "object", "properties": properties}
    schema = {"type": "object", "properties": {"spec": spec}}
    return {"name": name, "served": True, "storage": storage, "schema": {"openAPIV3Schema": schema}}


def path(served: str, name: str = "") -> str:
    return f"/apis/{GROUP}/{served}/widgets" + (f"/{name}" if name else "")


def create(server: RunningServer, served: str, name: str, **spec: Any) -> None:
    body = {"apiVersion": f"{GROUP}/{served}", "kind": "Widget", "metadata": {"name": name}, "spec": spec}
    answer = server.request("POST", path(served), body)
    assert answer.status == 201, answer.body


def test_a_running_watch_lives_through_changes(server: RunningServer) -> None:
    """A watch that began before a new version, another storage version and a default sees all that follows by them."""
    text = {"type": "string"}
    spec = {
        "group": GROUP,
        "scope": "Cluster",
        "names": {"plural": "widgets", "kind": "Widget"},
        "versions": [version("v1", True, a=text)],
    }
    parent = DEFINITION.rpartition("/")[0]
    assert server.request("POST", parent, {"metadata": {"name": f"widgets.{GROUP}"}, "spec": spec}).status == 201
    while (listed := server.request("GET", path("v1"))).status != 200:
        time.sleep(0.005)
    start = listed.json()["metadata"]["resourceVersion"]

    def watch() -> list[Object]:
        answer = server.request("GET", f"{path('v1')}?watch=1&resourceVersion={start}&timeoutSeconds=2")
        return [json.loads(line) for line in answer.body.splitlines()]

    with ThreadPoolExecutor() as pool:
        watching = pool.submit(watch)
        create(server, "v1", "before", a="x")
        default = {"type": "string", "default": "new"}
        v1 = {**version("v1", False, a=text, b=default)}
        versions = [v1, version("v2", True, a=text, b=default)]
        patch = [{"op": "replace", "path": "/spec/versions", "value": versions}]
        assert server.request("PATCH", DEFINITION, patch, JSON_PATCH).status == 200
        create(server, "v2", "after", a="y")
        assert server.request("DELETE", path("v1", "before")).status == 200
        events = watching.result()
    seen = [
        (e["type"], e["object"]["apiVersion"], e["object"]["metadata"]["name"], e["object"]["spec"]) for e in events
    ]
    v1_name = f"{GROUP}/v1"
    assert seen == [
        ("ADDED", v1_name, "before", {"a": "x"}),
        ("ADDED", v1_name, "after", {"a": "y", "b": "new"}),
        ("DELETED", v1_name, "before", {"a": "x", "b": "new"}),
    ]
    assert server.request("DELETE", DEFINITION).status == 200


def test_what_is_published_follows_a_change(server: RunningServer) -> None:
    """Discovery and OpenAPI of a version show a change when it has been answered; other groups stay the same bytes."""
    group = "published.example.com"
    name = f"widgets.{group}"
    parent = DEFINITION.rpartition("/")[0]
    spec = {
        "group": group,
        "scope": "Cluster",
        "names": {"plural": "widgets", "kind": "Widget"},
        "versions": [version("v1", True, a={"type": "string"})],
    }
    assert server.request("POST", parent, {"metadata": {"name": name}, "spec": spec}).status == 201
    document = f"/openapi/v3/apis/{group}/v1"
    began = time.monotonic()
    while server.request("GET", document).status != 200:
        assert time.monotonic() - began < 5
        time.sleep(0.005)
    hashes = server.request("GET", "/openapi/v3").json()["paths"]
    patch = [
        {"op": "add", "path": "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/added", "value": {"type": "integer"}},
        {"op": "add", "path": "/spec/names/shortNames", "value": ["wd"]},
    ]  # fmt: skip
    assert server.request("PATCH", f"{parent}/{name}", patch, JSON_PATCH).status == 200
    began = time.monotonic()
    while (
        b'"added"' not in server.request("GET", document).body
        or b'"wd"' not in server.request("GET", f"/apis/{group}/v1").body
    ):
        assert time.monotonic() - began < 5
        time.sleep(0.005)
    after = server.request("GET", "/openapi/v3").json()["paths"]
    changed = {key for key in hashes if hashes[key] != after.get(key)}
    assert changed == {f"apis/{group}/v1"}
    assert server.request("DELETE", f"{parent}/{name}").status == 200
