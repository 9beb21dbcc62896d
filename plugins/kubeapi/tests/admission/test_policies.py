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


def _patch(text: str) -> Object:
    return {"patchType": "JSONPatch", "jsonPatch": {"expression": text}}


@pytest.mark.parametrize(
    ("mutation", "code", "reason", "message"),
    [
        (
            _patch("[JSONPatch{op: 'remove', path: '/data/x'}]"),
            403,
            "Invalid",
            "JSON Patch: error in remove for path: '/data/x': Unable to remove nonexistent key: x: missing value",
        ),
        (
            _patch("[JSONPatch{op: 'add', path: '/metadata', value: Object.metadata{labels: Object.spec{a: 'b'}}}]"),
            403,
            "Invalid",
            'type mismatch: unexpected type name "Object.spec", expected "Object.metadata.labels", which matches '
            "field name path from root Object type",
        ),
        (
            _patch("[JSONPatch{op: 'add', path: '/bogus', value: 'x'}]"),
            500,
            "InternalError",
            'Internal error occurred: strict decoding error: unknown field "bogus"',
        ),
        (
            _patch("[JSONPatch{op: 'replace', path: '/data', value: 'x'}]"),
            500,
            "InternalError",
            "Internal error occurred: json: cannot unmarshal string into Go struct field ConfigMap.data of type "
            "map[string]string",
        ),
        (
            _apply("Object{bogus: 'x'}"),
            403,
            "Invalid",
            "error applying patch: failed to convert patch object to typed object: .bogus: field not declared in schema",
        ),
    ],
)
def test_mutations_that_cannot_be_made(
    bind: Callable[..., None], create: Callable[..., Any], mutation: Object, code: int, reason: str, message: str
) -> None:
    """A mutation that fails is the policy's problem, an object that its kind cannot hold is the server's."""
    spec = {
        "matchConstraints": _rules("", "configmaps", "CREATE"),
        "reinvocationPolicy": "Never",
        "mutations": [mutation],
    }
    bind("mutating", spec)
    answer = create("configmaps", {"metadata": {"name": "a"}, "data": {"k": "v"}})
    assert (answer.status, answer.json()["reason"]) == (code, reason)
    assert answer.json()["message"].endswith(message)


def test_problems_of_several_policies(namespace: str, bind: Callable[..., None], create: Callable[..., Any]) -> None:
    """Faulty configuration comes first, as Forbidden; every problem is a cause."""
    match = _rules("", "configmaps", "CREATE")
    fault = {"matchConstraints": match, "reinvocationPolicy": "Never"}
    bind("mutating", {**fault, "mutations": [_apply("Object{data: {'a': object.data.none}}")]})
    kind = {"apiVersion": "example.org/v1", "kind": "Missing"}
    bind("mutating", {**fault, "mutations": [_apply("Object{}")], "paramKind": kind})
    answer = create("configmaps", {"metadata": {"name": "a"}, "data": {}}).json()
    configuration = (
        f'policy "{namespace}-2" denied request: failed to configure policy: failed to find resource referenced by '
        "paramKind: 'example.org/v1, Kind=Missing'"
    )
    assert (answer["code"], answer["reason"], answer["message"]) == (403, "Forbidden", configuration)
    evaluation = f"policy '{namespace}-0' with binding '{namespace}-0' denied request: expression "
    assert answer["details"]["causes"][0]["message"] == configuration
    assert answer["details"]["causes"][1]["message"].startswith(evaluation)


def test_audit_annotations_see_no_authorizer(bind: Callable[..., None], create: Callable[..., Any]) -> None:
    """They may name the authorizer, and then fail for lack of it."""
    text = "authorizer.requestResource.check('get').allowed() ? 'yes' : 'no'"
    annotations = [{"key": "may", "valueExpression": text}]
    bind(
        "validating",
        {"matchConstraints": _rules("", "configmaps", "CREATE"), "auditAnnotations": annotations},
        validationActions=["Deny"],
    )
    answer = create("configmaps", {"metadata": {"name": "a"}})
    assert answer.status == 422
    assert "no such attribute(s): authorizer" in answer.json()["message"]
