"""Admission policies on built-in and custom resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kubern.testing.servers import RunningServer

Object = dict[str, Any]
API = "/apis/admissionregistration.k8s.io/v1"
WIDGETS = "/apis/example.com/v1"


@pytest.fixture
def bind(server: RunningServer, namespace: str) -> Iterator[Callable[..., None]]:
    """bind("validating", policy spec, binding spec) for the test's namespace; removed afterwards."""
    made: list[str] = []

    def bind(kind: str, spec: Object, **binding: Any) -> None:
        name = f"{namespace}-{len(made)}"
        group = f"{API}/{kind}admissionpolic"
        policy = server.request("POST", f"{group}ies", {"metadata": {"name": name}, "spec": spec})
        assert policy.status == 201, policy.body
        selector = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
        full = {"policyName": name, "matchResources": {"namespaceSelector": selector}, **binding}
        answer = server.request("POST", f"{group}ybindings", {"metadata": {"name": name}, "spec": full})
        assert answer.status == 201, answer.body
        made.extend((f"{group}ies/{name}", f"{group}ybindings/{name}"))

    yield bind
    for path in made:
        server.request("DELETE", path)


@pytest.fixture(scope="module")
def widgets(server: RunningServer) -> None:
    """A custom resource, served."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    crd = {
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget", "singular": "widget", "listKind": "WidgetList"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    assert server.request("POST", path, crd).status == 201
    for _ in range(200):
        if server.request("GET", f"{WIDGETS}/widgets").status == 200:
            return
    raise AssertionError("the custom resource is not served")


def _rules(group: str, resource: str, *operations: str) -> Object:
    rule = {"apiGroups": [group], "apiVersions": ["*"], "resources": [resource], "operations": list(operations)}
    return {"resourceRules": [rule]}


def _widget(name: str, **spec: Any) -> Object:
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": name}, "spec": spec}


def test_custom_resource_and_params(
    server: RunningServer, namespace: str, widgets: None, bind: Callable[..., None], create: Callable[..., Any]
) -> None:
    """Custom resources are judged, and may be parameters."""
    assert create("widgets", _widget("limit", most=3), api=WIDGETS).status == 201
    spec = {
        "paramKind": {"apiVersion": "example.com/v1", "kind": "Widget"},
        "matchConstraints": _rules("example.com", "widgets", "CREATE"),
        "validations": [{"expression": "object.spec.size <= params.spec.most", "reason": "Forbidden"}],
    }
    bind("validating", spec, validationActions=["Deny"], paramRef={"name": "limit", "parameterNotFoundAction": "Deny"})
    assert create("widgets", _widget("a", size=3), api=WIDGETS).status == 201
    answer = create("widgets", _widget("b", size=4), api=WIDGETS)
    assert (answer.status, answer.json()["reason"]) == (403, "Forbidden")
    assert answer.json()["message"].endswith("denied request: failed expression: object.spec.size <= params.spec.most")


def test_deletion_is_judged_by_the_old_object(
    server: RunningServer, namespace: str, bind: Callable[..., None], create: Callable[..., Any]
) -> None:
    """On DELETE there is an oldObject and no object."""
    spec = {
        "matchConstraints": _rules("", "configmaps", "DELETE"),
        "validations": [{"expression": "object == null && !('keep' in oldObject.metadata.?labels.orValue({}))"}],
    }
    bind("validating", spec, validationActions=["Deny"])
    for name, labels in (("a", {"keep": "x"}), ("b", {})):
        assert create("configmaps", {"metadata": {"name": name, "labels": labels}}).status == 201
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    assert server.request("DELETE", f"{path}/a").status == 422
    assert server.request("DELETE", f"{path}/b").status == 200


def test_warnings(bind: Callable[..., None], create: Callable[..., Any]) -> None:
    """A binding that only warns lets the request pass with the message in a header."""
    spec = {
        "matchConstraints": _rules("", "configmaps", "CREATE"),
        "validations": [{"expression": "false", "message": "better not"}],
    }
    bind("validating", spec, validationActions=["Warn"])
    answer = create("configmaps", {"metadata": {"name": "a"}})
    assert answer.status == 201
    assert "Validation failed for ValidatingAdmissionPolicy" in answer.headers["warning"]


def _apply(text: str) -> Object:
    return {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": text}}


def test_custom_resource_is_mutated(widgets: None, bind: Callable[..., None], create: Callable[..., Any]) -> None:
    """An apply configuration is merged into a custom resource; later mutations see earlier ones."""
    spec = {
        "matchConstraints": _rules("example.com", "widgets", "CREATE"),
        "reinvocationPolicy": "Never",
        "variables": [{"name": "size", "expression": "object.spec.size"}],
        "mutations": [
            _apply("Object{spec: Object.spec{size: variables.size + 1}}"),
            {
                "patchType": "JSONPatch",
                "jsonPatch": {
                    "expression": "[JSONPatch{op: 'test', path: '/spec/size', value: 3}, "
                    "JSONPatch{op: 'add', path: '/spec/seen', value: variables.size}]"
                },
            },
        ],
    }
    bind("mutating", spec)
    answer = create("widgets", _widget("a", size=2), api=WIDGETS)
    assert answer.status == 201, answer.body
    assert answer.json()["spec"] == {"size": 3, "seen": 3}


def test_atomic_lists_are_not_mutated(bind: Callable[..., None], create: Callable[..., Any]) -> None:
    """A configuration may not replace what can only be set as a whole."""
    text = "Object{spec: Object.spec{containers: [Object.spec.containers{name: 'c', args: ['x']}]}}"
    spec = {
        "matchConstraints": _rules("", "pods", "CREATE"),
        "reinvocationPolicy": "Never",
        "mutations": [_apply(text)],
    }
    bind("mutating", spec)
    answer = create("pods", {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}})
    assert answer.status == 403
    assert "may not mutate atomic arrays, maps or structs: .spec.containers" in answer.json()["message"]


def test_reinvocation(bind: Callable[..., None], create: Callable[..., Any]) -> None:
    """A policy that wants it is asked again after a later one has changed the object."""
    match = _rules("", "configmaps", "CREATE")
    count = _apply("Object{data: {'keys': string(object.?data.orValue({}).size())}}")
    bind("mutating", {"matchConstraints": match, "reinvocationPolicy": "IfNeeded", "mutations": [count]})
    add = _apply("Object{data: {'more': 'x'}}")
    bind("mutating", {"matchConstraints": match, "reinvocationPolicy": "Never", "mutations": [add]})
    answer = create("configmaps", {"metadata": {"name": "a"}})
    assert answer.json()["data"] == {"keys": "2", "more": "x"}
