"""Whole events of the audit log, as kube-apiserver writes them for the same requests."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kubern.testing.servers import ADMIN_TOKEN, RunningServer, running_server

Object = dict[str, Any]
MICRO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
AGENT = {"User-Agent": "kubectl/v1.36.2"}
USERS = f"{ADMIN_TOKEN},admin,a-uid,system:masters\njane-token,jane,j-uid\n"
ADMIN = {"username": "admin", "uid": "a-uid", "groups": ["system:masters", "system:authenticated"]}
JANE = {"username": "jane", "uid": "j-uid", "groups": ["system:authenticated"]}
MAPS = {"resource": "configmaps", "namespace": "default", "apiVersion": "v1"}
ALLOWED = {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": ""}
FORBIDDEN = {"authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": ""}
STARTED_AND_COMPLETE = ["ResponseStarted", "ResponseComplete"]
MEMBERS = [
    "kind", "apiVersion", "level", "auditID", "stage", "requestURI", "verb", "user", "impersonatedUser", "sourceIPs",
    "userAgent", "objectRef", "responseStatus", "requestObject", "responseObject", "requestReceivedTimestamp",
    "stageTimestamp", "annotations",
]  # fmt: skip
"""In the order of the type's fields."""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("audit")


@pytest.fixture(scope="module")
def server(directory: Path) -> Iterator[RunningServer]:
    """A server that records everything with its content."""
    (directory / "users.csv").write_text(USERS)
    policy = {
        "apiVersion": "audit.k8s.io/v1", "kind": "Policy",
        "rules": [
            {"level": "None", "users": ["system:apiserver"]},
            {"level": "Metadata", "resources": [{"group": "", "resources": ["secrets"]}]},
            {"level": "RequestResponse"},
        ],
    }  # fmt: skip
    (directory / "policy.json").write_text(json.dumps(policy))
    with running_server(
        "--authorization-mode=RBAC",
        f"--token-auth-file={directory}/users.csv",
        f"--audit-policy-file={directory}/policy.json",
        f"--audit-log-path={directory}/audit.log",
    ) as running:
        running.request("POST", "/api/v1/namespaces", {"metadata": {"name": "default"}})
        yield running


@pytest.fixture
def events(server: RunningServer, directory: Path) -> Callable[..., list[Object]]:
    """events("GET", "/path", ...) sends a request and returns its events without what differs every time."""

    def events(method: str, path: str, body: Any = None, headers: Object | None = None, **how: Any) -> list[Object]:
        answer = server.request(method, path, body, {**AGENT, **(headers or {})}, **how)
        deadline = time.monotonic() + 5
        mine = _read(directory, answer.headers["audit-id"])
        # The last event is written when the client has its answer already.
        while answer.status != 401 and mine[-1]["stage"] != "ResponseComplete":
            assert time.monotonic() < deadline
            mine = _read(directory, answer.headers["audit-id"])
        for event in mine:
            assert [key for key in MEMBERS if key in event] == list(event)
            for name in ("requestReceivedTimestamp", "stageTimestamp"):
                assert MICRO_TIME.fullmatch(event.pop(name))
            del event["auditID"]
        return mine

    return events


def _read(directory: Path, audit_id: str) -> list[Object]:
    lines = (directory / "audit.log").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["auditID"] == audit_id]


def _event(stage: str, verb: str, uri: str, user: Object, **more: Any) -> Object:
    return {
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse", "stage": stage,
        "requestURI": uri, "verb": verb, "user": user, "sourceIPs": ["127.0.0.1"], "userAgent": AGENT["User-Agent"],
        **more,
    }  # fmt: skip


def test_create_and_patch(events: Callable[..., list[Object]]) -> None:
    """The request's object is told as it was decoded, a patch as it came; the name is known once there is one."""
    uri = "/api/v1/namespaces/default/configmaps"
    received, complete = events("POST", uri, {"metadata": {"name": "a"}, "data": {"k": "v"}})
    assert received == _event("RequestReceived", "create", uri, ADMIN, objectRef=MAPS)
    created = complete.pop("responseObject")
    assert complete == _event(
        "ResponseComplete", "create", uri, ADMIN,
        objectRef={**MAPS, "name": "a"}, responseStatus={"metadata": {}, "code": 201}, annotations=ALLOWED,
        requestObject={"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a"}, "data": {"k": "v"}},
    )  # fmt: skip
    assert created["metadata"]["managedFields"]
    assert (created["kind"], created["data"]) == ("ConfigMap", {"k": "v"})
    merge = {"Content-Type": "application/merge-patch+json"}
    _, complete = events("PATCH", f"{uri}/a", {"data": {"k": "w"}}, merge)
    assert complete.pop("responseObject")["data"] == {"k": "w"}
    assert complete == _event(
        "ResponseComplete", "patch", f"{uri}/a", ADMIN,
        objectRef={**MAPS, "name": "a"}, responseStatus={"metadata": {}, "code": 200}, annotations=ALLOWED,
        requestObject={"data": {"k": "w"}},
    )  # fmt: skip


def test_delete(events: Callable[..., list[Object]]) -> None:
    """The answer's Status is told with its details; options only when there were some."""
    uri = "/api/v1/namespaces/default/configmaps"
    events("POST", uri, {"metadata": {"name": "d"}})
    options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}
    _, complete = events("DELETE", f"{uri}/d", options)
    details = complete["responseStatus"]["details"]
    assert set(details) == {"name", "kind", "uid"}
    status = {"metadata": {}, "status": "Success", "details": details}
    assert complete == _event(
        "ResponseComplete", "delete", f"{uri}/d", ADMIN,
        objectRef={**MAPS, "name": "d"}, responseStatus={**status, "code": 200}, annotations=ALLOWED,
        requestObject={"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"},
        responseObject={"kind": "Status", "apiVersion": "v1", **status},
    )  # fmt: skip


def test_list_and_watch(events: Callable[..., list[Object]]) -> None:
    """A watch is told as it starts and as it ends, without what it said."""
    uri = "/api/v1/namespaces/default/configmaps?limit=1"
    received, complete = events("GET", uri)
    assert received == _event("RequestReceived", "list", uri, ADMIN, objectRef=MAPS)
    assert complete["responseObject"]["kind"] == "ConfigMapList"
    assert complete["responseStatus"] == {"metadata": {}, "code": 200}
    uri = "/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=1"
    assert events("GET", uri) == [
        _event("RequestReceived", "watch", uri, ADMIN, objectRef=MAPS),
        *(
            _event(
                stage, "watch", uri, ADMIN,
                objectRef=MAPS, responseStatus={"metadata": {}, "code": 200}, annotations=ALLOWED,
            )
            for stage in ("ResponseStarted", "ResponseComplete")
        ),
    ]  # fmt: skip


def test_denied(events: Callable[..., list[Object]]) -> None:
    """The refusal is told with its Status, that of a watch at its start already."""
    message = (
        'configmaps is forbidden: User "jane" cannot {} resource "configmaps" in API group "" in the namespace '
        '"default"'
    )
    for verb, query, stages in (("list", "", ["ResponseComplete"]), ("watch", "?watch=1", STARTED_AND_COMPLETE)):
        uri = f"/api/v1/namespaces/default/configmaps{query}"
        status = {
            "metadata": {}, "status": "Failure", "message": message.format(verb), "reason": "Forbidden",
            "details": {"kind": "configmaps"}, "code": 403,
        }  # fmt: skip
        assert events("GET", uri, token="jane-token") == [
            _event("RequestReceived", verb, uri, JANE, objectRef=MAPS),
            *(
                _event(
                    stage, verb, uri, JANE,
                    objectRef=MAPS, responseStatus=status, annotations=FORBIDDEN,
                    responseObject={"kind": "Status", "apiVersion": "v1", **status},
                )
                for stage in stages
            ),
        ]  # fmt: skip


def test_impersonated(events: Callable[..., list[Object]]) -> None:
    """Both users are told once the second is known."""
    uri = "/api/v1/namespaces/default/configmaps/none"
    headers = {"Impersonate-User": "jane", "Impersonate-Extra-Why": "because"}
    received, complete = events("GET", uri, headers=headers)
    assert "impersonatedUser" not in received
    assert complete["user"] == ADMIN
    assert complete["impersonatedUser"] == {
        "username": "jane",
        "groups": ["system:authenticated"],
        "extra": {"why": ["because"]},
    }
    assert complete["annotations"] == FORBIDDEN


def test_paths_and_wrong_credentials(events: Callable[..., list[Object]]) -> None:
    """Paths have no objectRef; a request that nobody knows the user of is told once, with nobody's name."""
    received, complete = events("GET", "/version", token="jane-token")
    assert received == _event("RequestReceived", "get", "/version", JANE)
    assert complete["annotations"] == {
        "authorization.k8s.io/decision": "allow",
        "authorization.k8s.io/reason": (
            'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" to Group '
            '"system:authenticated"'
        ),
    }
    status = {"metadata": {}, "status": "Failure", "message": "Unauthorized", "reason": "Unauthorized", "code": 401}
    assert events("GET", "/version", token="wrong") == [
        _event(
            "ResponseStarted", "get", "/version", {},
            responseStatus=status, responseObject={"kind": "Status", "apiVersion": "v1", **status},
        )
    ]  # fmt: skip


def test_metadata_only(events: Callable[..., list[Object]]) -> None:
    """At this level nothing of a secret is told but its name."""
    uri = "/api/v1/namespaces/default/secrets"
    received, complete = events("POST", uri, {"metadata": {"name": "s"}, "stringData": {"k": "hidden"}})
    assert (received["level"], complete["level"]) == ("Metadata", "Metadata")
    assert complete["objectRef"] == {"resource": "secrets", "namespace": "default", "name": "s", "apiVersion": "v1"}
    assert "hidden" not in json.dumps(complete)
    assert not {"requestObject", "responseObject"} & set(complete)


def test_nothing_is_lost_at_the_end(tmp_path: Path) -> None:
    """Events that wait for a batch are written when the server stops."""
    (tmp_path / "policy.json").write_text(
        json.dumps({"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "Metadata"}]})
    )
    with running_server(
        f"--audit-policy-file={tmp_path}/policy.json",
        f"--audit-log-path={tmp_path}/audit.log",
        "--audit-log-mode=batch",
        "--audit-log-batch-max-size=1000",
        "--audit-log-batch-max-wait=1h",
    ) as server:
        ids = {server.request("GET", "/version").headers["audit-id"] for _ in range(20)}
        assert not any(one in (tmp_path / "audit.log").read_text() for one in ids)
    written = [json.loads(line) for line in (tmp_path / "audit.log").read_text().splitlines()]
    complete = {event["auditID"] for event in written if event["stage"] == "ResponseComplete"}
    assert ids <= complete
