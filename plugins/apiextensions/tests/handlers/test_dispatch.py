"""From a path to a custom resource, or to none."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kubern.testing.servers import Response, RunningServer
from kubern.testing.waiting import eventually

Object = dict[str, Any]
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_COUNTER = itertools.count()
Define = Callable[..., str]


def version(name: str, **more: Any) -> Object:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {"name": name, "served": True, "storage": name == "v1", "schema": {"openAPIV3Schema": schema}, **more}


@pytest.fixture
def define(server: RunningServer) -> Iterator[Define]:
    """define(version, ..., scope="Cluster") establishes widgets and gives their group."""
    made: list[str] = []

    def define(*versions: Object, scope: str = "Namespaced") -> str:
        group = f"d{next(_COUNTER)}.example.com"
        names = {"plural": "widgets", "kind": "Widget"}
        spec = {"group": group, "scope": scope, "names": names, "versions": list(versions) or [version("v1")]}
        crd = {"metadata": {"name": f"widgets.{group}"}, "spec": spec}
        answer = server.request("POST", DEFINITIONS, crd)
        assert answer.status == 201, answer.body
        made.append(f"{DEFINITIONS}/widgets.{group}")
        eventually(lambda: server.request("GET", f"/apis/{group}/v1/widgets").status == 200)
        return group

    yield define
    for path in made:
        server.request("DELETE", path)


def create(server: RunningServer, group: str, name: str, namespace: str = "default", served: str = "v1") -> Response:
    place = f"/namespaces/{namespace}" if namespace else ""
    body = {"apiVersion": f"{group}/{served}", "kind": "Widget", "metadata": {"name": name}}
    return server.request("POST", f"/apis/{group}/{served}{place}/widgets", body)


def test_the_scope_decides_which_paths_there_are(server: RunningServer, define: Define) -> None:
    """Namespaced objects are read in a namespace or listed across all, cluster-scoped ones in none."""
    group = define()
    assert create(server, group, "a").status == 201
    assert server.request("GET", f"/apis/{group}/v1/widgets").status == 200
    assert server.request("GET", f"/apis/{group}/v1/widgets/a").status == 404
    assert server.request("GET", f"/apis/{group}/v1/namespaces/default/widgets/a").status == 200
    group = define(scope="Cluster")
    assert create(server, group, "a", "").status == 201
    assert server.request("GET", f"/apis/{group}/v1/widgets/a").status == 200
    missing = server.request("GET", f"/apis/{group}/v1/namespaces/default/widgets/a")
    assert (missing.status, missing.body) == (404, b"404 page not found\n")


def test_what_is_not_served_is_not_found(server: RunningServer, define: Define) -> None:
    """Versions that are not served, and resources and groups that nobody defined, are no paths at all."""
    group = define(version("v1"), version("v2", served=False))
    for path in (f"{group}/v2/widgets", f"{group}/v3/widgets", f"{group}/v1/gadgets", "nobody.example.com/v1/widgets"):
        answer = server.request("GET", f"/apis/{path}")
        assert (answer.status, answer.body) == (404, b"404 page not found\n"), path


def test_subresources_are_those_that_are_declared(server: RunningServer, define: Define) -> None:
    """An undeclared subresource is a missing object, a verb that a subresource lacks is not allowed."""
    group = define(version("v1", subresources={"status": {}}))
    create(server, group, "a")
    path = f"/apis/{group}/v1/namespaces/default/widgets/a"
    assert server.request("GET", f"{path}/status").status == 200
    for name in ("scale", "history"):
        answer = server.request("GET", f"{path}/{name}")
        assert answer.status == 404
        assert answer.json()["message"] == f'widgets.{group} "a" not found'
    answer = server.request("DELETE", f"{path}/status")
    assert answer.status == 405
    assert answer.json()["message"] == f'delete is not supported on resources of kind "widgets.{group}"'


def test_a_scale_as_a_table(server: RunningServer, define: Define) -> None:
    """Columns of a Scale are looked up at the resource's own paths, in the Scale."""
    scale = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.count"}
    group = define(version("v1", subresources={"scale": scale}))
    create(server, group, "a")
    path = f"/apis/{group}/v1/namespaces/default/widgets/a"
    merge = {"Content-Type": "application/merge-patch+json"}
    assert server.request("PATCH", path, {"spec": {"replicas": 3}}, merge).status == 200
    accept = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    table = server.request("GET", f"{path}/scale", headers=accept).json()
    assert [(c["name"], c["description"]) for c in table["columnDefinitions"][1:3]] == [
        ("Desired", "Number of desired replicas"),
        ("Available", "Number of actual replicas"),
    ]
    assert table["rows"][0]["cells"][:3] == ["a", 3, None]


def test_deprecated_versions_warn(server: RunningServer, define: Define) -> None:
    """Every answer of a deprecated version carries its warning, or one that names the successor."""
    group = define(
        version("v1"),
        version("v1beta1", deprecated=True),
        version("v1alpha1", deprecated=True, deprecationWarning="move on"),
    )
    assert "warning" not in server.request("GET", f"/apis/{group}/v1/widgets").headers
    warning = server.request("GET", f"/apis/{group}/v1beta1/widgets").headers["warning"]
    assert warning == f'299 - "{group}/v1beta1 Widget is deprecated; use {group}/v1 Widget"'
    assert server.request("GET", f"/apis/{group}/v1alpha1/widgets").headers["warning"] == '299 - "move on"'


def test_a_version_that_is_no_longer_served(server: RunningServer, define: Define) -> None:
    """A change is at work when it has been answered; what other versions show stays."""
    group = define(version("v1"), version("v2"))
    create(server, group, "a", served="v2")
    assert server.request("GET", f"/apis/{group}/v2/widgets").status == 200
    patch = [{"op": "replace", "path": "/spec/versions/1/served", "value": False}]
    kind = {"Content-Type": "application/json-patch+json"}
    assert server.request("PATCH", f"{DEFINITIONS}/widgets.{group}", patch, kind).status == 200
    assert server.request("GET", f"/apis/{group}/v2/widgets").status == 404
    assert server.request("GET", f"/apis/{group}/v1/namespaces/default/widgets/a").status == 200


def test_status_is_checked_by_its_own_schema(server: RunningServer, define: Define) -> None:
    """A status can be written although the rest of the object has become invalid."""
    spec = {"type": "object", "properties": {"size": {"type": "integer"}}}
    status = {"type": "object", "properties": {"phase": {"type": "string", "maxLength": 3}}}
    schema: Object = {"type": "object", "properties": {"spec": spec, "status": status}}
    group = define(version("v1", subresources={"status": {}}, schema={"openAPIV3Schema": schema}))
    create(server, group, "a")
    patch = [{"op": "add", "path": "/spec/versions/0/schema/openAPIV3Schema/required", "value": ["spec"]}]
    json_patch, merge = ({"Content-Type": f"application/{kind}-patch+json"} for kind in ("json", "merge"))
    assert server.request("PATCH", f"{DEFINITIONS}/widgets.{group}", patch, json_patch).status == 200
    path = f"/apis/{group}/v1/namespaces/default/widgets/a"
    assert server.request("PATCH", path, {"metadata": {"labels": {"x": "y"}}}, merge).status == 422
    assert server.request("PATCH", f"{path}/status", {"status": {"phase": "Up"}}, merge).status == 200
    answer = server.request("PATCH", f"{path}/status", {"status": {"phase": "Down"}}, merge)
    [cause] = answer.json()["details"]["causes"]
    assert (cause["field"], cause["reason"]) == ("status.phase", "FieldValueTooLong")
