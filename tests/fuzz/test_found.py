"""What fuzzing has found once, request by request."""

from __future__ import annotations

import pytest

from kubern.testing.servers import RunningServer

CONFIG_MAPS = "/api/v1/namespaces/fuzz/configmaps"
TABLE = "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io"


def test_what_cannot_be_watched(fuzzed: RunningServer) -> None:
    """A kind with list and without watch says so."""
    answer = fuzzed.request("GET", "/api/v1/componentstatuses?watch=")
    assert (answer.status, answer.json()["reason"]) == (405, "MethodNotAllowed")
    assert answer.json()["message"] == 'watch is not supported on resources of kind "componentstatuses"'


@pytest.mark.parametrize("path", [CONFIG_MAPS, f"{CONFIG_MAPS}?watch=1", "/api/v1/watch/configmaps"])
def test_tables_have_no_protobuf_form(fuzzed: RunningServer, path: str) -> None:
    """So nothing acceptable is left."""
    assert fuzzed.request("GET", path, headers={"Accept": TABLE}).status == 406


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"]
)
@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1e99999}',
        b"1" * 5000,
        b"[" * 9000,
        b"k8s\x00\x0a\x04\x0a\x02\xff\xfe",
        b'{"a":"\xff"}',
        b'{"a":"\\ud800"}',
    ],
)
def test_odd_bodies(fuzzed: RunningServer, body: bytes, content_type: str) -> None:
    """A body that means nothing is an error of the client's."""
    for method, path in (
        ("POST", CONFIG_MAPS),
        ("DELETE", f"{CONFIG_MAPS}/nosuch"),
        ("POST", "/apis/fuzz.example.com/v2/namespaces/fuzz/widgets"),
    ):
        answer = fuzzed.request(method, path, body, {"Content-Type": content_type})
        assert 400 <= answer.status < 500, answer.body


@pytest.mark.parametrize(
    "patch", ["json-patch+json", "merge-patch+json", "strategic-merge-patch+json", "apply-patch+yaml"]
)
@pytest.mark.parametrize(
    "body", [b'{"data":{"a":1e999}}', b"[" * 5000 + b"]" * 5000, b'{"data":' * 900 + b"1" + b"}" * 900]
)
def test_odd_patches(fuzzed: RunningServer, body: bytes, patch: str) -> None:
    """So is a patch that can be read by nobody."""
    answer = fuzzed.request(
        "PATCH", f"{CONFIG_MAPS}/nosuch?fieldManager=a", body, {"Content-Type": f"application/{patch}"}
    )
    assert 400 <= answer.status < 500, answer.body


def test_a_continue_token_of_brackets(fuzzed: RunningServer) -> None:
    """A token deeper than any parser's stack is an invalid token."""
    assert fuzzed.request("GET", f"{CONFIG_MAPS}?continue={'W1tb' * 3000}").status == 400


def test_numbers_longer_than_any(fuzzed: RunningServer) -> None:
    """Thousands of digits are out of range, in a query as in a body."""
    answer = fuzzed.request("GET", f"{CONFIG_MAPS}?limit={'9' * 5000}")
    assert (answer.status, answer.json()["message"][-20:]) == (400, ": value out of range")
    quota = {"metadata": {"name": "a"}, "spec": {"hard": {"pods": "9" * 5000}}}
    assert 400 <= fuzzed.request("POST", "/api/v1/namespaces/fuzz/resourcequotas", quota).status < 500
    selector = f"a>{'9' * 5000}"
    assert 400 <= fuzzed.request("GET", f"{CONFIG_MAPS}?labelSelector={selector}").status < 500
