"""What a patch may make of an object, and what its errors show."""

from __future__ import annotations

from typing import Any

import pytest

from kubern.testing.servers import RunningServer

_NO_OBJECT = (
    "couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct "
    '{ APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
)


@pytest.fixture(scope="module", autouse=True)
def config_map(client: Any) -> None:
    client.config_map("a", data={"k": "v"})


@pytest.mark.parametrize(
    ("kind", "path", "patch", "end"),
    [
        ("merge", "configmaps/a", {"kind": "Secret"}, "converting (v1.Secret) to (core.ConfigMap): unknown conversion"),
        (
            "json",
            "configmaps/a",
            [{"op": "replace", "path": "/apiVersion", "value": "v2"}],
            'no kind "ConfigMap" is registered for version "v2" in scheme '
            '"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"',
        ),
        ("json", "configmaps/a", [{"op": "replace", "path": "", "value": []}], f'Invalid value: "[]": {_NO_OBJECT}'),
        ("merge", "configmaps/a?fieldValidation=Ignore", [], f'Invalid value: "[]": {_NO_OBJECT}'),
        (
            "merge",
            "configmaps/a?fieldValidation=Strict",
            {"colour": "red"},
            'strict decoding error: unknown field "colour"',
        ),
    ],
)
def test_outcomes_that_are_no_such_object(client: Any, kind: str, path: str, patch: Any, end: str) -> None:
    """422 at `patch`, with the outcome as the value."""
    answer = client.patch(kind, path, patch)
    assert answer.status == 422
    message = answer.json()["message"]
    assert message.startswith(' "" is invalid: patch: Invalid value: "')
    assert message.endswith(end)


def test_strict_errors_show_the_outcome(client: Any) -> None:
    """Not the patch: what is wrong may have been there before."""
    answer = client.patch("merge", "configmaps/a?fieldValidation=Strict", {"colour": "red"})
    assert '\\"data\\":{\\"k\\":\\"v\\"}' in answer.json()["message"]


def test_a_kind_that_is_taken_away_is_the_old_one(client: Any) -> None:
    """As in a body without one."""
    assert client.patch("json", "configmaps/a", [{"op": "remove", "path": "/kind"}]).status == 200


@pytest.mark.parametrize(
    ("content_type", "text"),
    [
        ("Application/merge-patch+json", "415: Unsupported Media Type"),
        (
            "text/plain, application/merge-patch+json",
            "the body of the request was in an unknown format - accepted media types include: "
            "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, "
            "application/apply-patch+yaml",
        ),
    ],
)
def test_types_of_patches_are_taken_literally(client: Any, content_type: str, text: str) -> None:
    """The router finds a type in a list, the handler does not."""
    answer = client("PATCH", "configmaps/a", b"{}", Content_Type=content_type)
    assert (answer.status, answer.json()["message"]) == (415, text)


def test_names_that_no_path_can_have(client: Any) -> None:
    """400 before anything is looked up."""
    for name, problem in (("..", "may not be '..'"), ("%25a", "may not contain '%'")):
        answer = client("GET", f"configmaps/{name}")
        assert answer.status == 400
        assert answer.json()["message"].endswith(problem)


def test_ownership_is_reset_by_an_empty_list_whatever_the_verb(client: Any) -> None:
    """`managedFields: []` in a body or an outcome is more than nothing."""
    client.config_map("owned", data={"k": "v"})
    emptied = client("PUT", "configmaps/owned", {"metadata": {"name": "owned", "managedFields": []}}).json()
    assert "managedFields" not in emptied["metadata"]
    client.config_map("owned2", data={"k": "v"})
    emptied = client.patch("merge", "configmaps/owned2", {"metadata": {"managedFields": []}}).json()
    assert "managedFields" not in emptied["metadata"]


@pytest.mark.parametrize("kind", ["json", "merge", "strategic"])
def test_what_is_not_there_is_not_found_whatever_the_patch(client: Any, kind: str) -> None:
    """A patch is read when there is an object to apply it to: a number is no patch, but that comes second."""
    assert client.patch(kind, "configmaps/a", 5).status == 400
    assert client.patch(kind, "configmaps/none", 5).status == 404


def test_the_type_of_a_patch_is_judged_before_what_is_accepted(server: RunningServer) -> None:
    """When neither will do, the answer is 415."""
    headers = {"Content-Type": "text/odd", "Accept": "text/odd"}
    answer = server.request("PATCH", "/api/v1/namespaces/default", b"{}", headers)
    assert (answer.status, answer.json()["message"]) == (415, "415: Unsupported Media Type")
    headers["Content-Type"] = "application/merge-patch+json"
    assert server.request("PATCH", "/api/v1/namespaces/default", b"{}", headers).status == 406
