"""Admission webhooks against a real HTTPS server."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kubern.testing.servers import RunningServer
from kubern.testing.webhooks import WebhookServer, allowed, patched, webhook_server
from kubern.util.certificates import KeyPair

Object = dict[str, Any]
API = "/apis/admissionregistration.k8s.io/v1"
CREATE_CONFIG_MAPS = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"], "operations": ["CREATE"]}
CONFIG_MAP: Object = {"metadata": {"name": "a"}}


@pytest.fixture(scope="module")
def hooks(pki: tuple[KeyPair, Path]) -> Iterator[WebhookServer]:
    with webhook_server(pki[1]) as running:
        yield running


@pytest.fixture
def configure(
    server: RunningServer, hooks: WebhookServer, pki: tuple[KeyPair, Path], namespace: str
) -> Iterator[Callable[..., None]]:
    """configure("mutating", "/path", sideEffects="Some") for the test's namespace; removed afterwards."""
    made: list[str] = []
    hooks.seen.clear()
    hooks.clients.clear()

    def configure(kind: str, path: str, **more: Any) -> None:
        resource = f"{API}/{kind}webhookconfigurations"
        webhook: Object = {
            "name": f"hook{len(made)}.example.com",
            "clientConfig": {"url": hooks.url + path, "caBundle": base64.b64encode(pki[0].cert).decode()},
            "rules": [CREATE_CONFIG_MAPS],
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
            "timeoutSeconds": 5,
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
            **more,
        }
        name = f"{namespace}-{len(made)}"
        answer = server.request("POST", resource, {"metadata": {"name": name}, "webhooks": [webhook]})
        assert answer.status == 201, answer.body
        made.append(f"{resource}/{name}")

    yield configure
    for path in made:
        server.request("DELETE", path)


def test_patch_and_warnings(
    hooks: WebhookServer, configure: Callable[..., None], create: Callable[..., Any], namespace: str
) -> None:
    """A mutating webhook sees the object, changes it and warns; the server shows its client certificate."""
    hooks.respond["/label"] = patched({"op": "add", "path": "/data", "value": {"hook": "was here"}})
    hooks.respond["/warn"] = allowed(warnings=["mind the gap"])
    configure("mutating", "/label")
    configure("validating", "/warn")
    answer = create("configmaps", CONFIG_MAP)
    assert answer.status == 201
    assert answer.json()["data"] == {"hook": "was here"}
    assert "mind the gap" in answer.headers["warning"]
    request = hooks.seen[0]["request"]
    assert request["object"]["metadata"]["namespace"] == namespace
    assert (request["operation"], request["oldObject"], request["dryRun"]) == ("CREATE", None, False)
    assert request["userInfo"]["username"] == "admin"
    assert request["options"]["kind"] == "CreateOptions"
    assert hooks.seen[1]["request"]["object"]["data"] == {"hook": "was here"}
    assert set(hooks.clients) == {"kube-apiserver"}


def test_denied(hooks: WebhookServer, configure: Callable[..., None], create: Callable[..., Any]) -> None:
    """A refusal carries the webhook's status under its name; without one it is a 400."""
    status: Object = {"code": 403, "reason": "Forbidden", "message": "not today"}
    hooks.respond["/deny"] = lambda request: {"allowed": False, "status": status}
    configure("validating", "/deny")
    answer = create("configmaps", CONFIG_MAP)
    assert (answer.status, answer.json()["reason"]) == (403, "Forbidden")
    assert answer.json()["message"] == 'admission webhook "hook0.example.com" denied the request: not today'
    status.clear()
    answer = create("configmaps", CONFIG_MAP)
    assert answer.status == 400
    assert answer.json()["message"] == 'admission webhook "hook0.example.com" denied the request without explanation'


@pytest.mark.parametrize(
    ("kind", "response", "reason"),
    [
        ("validating", {"uid": "other", "allowed": True}, 'expected response.uid="'),
        ("validating", {"allowed": True, "patch": "W10="}, "validating webhook may not return response.patch"),
        ("mutating", {"allowed": True, "patch": "W10="}, "webhook returned response.patch but not response.patchType"),
        ("mutating", {"allowed": True, "patch": "W3t9XQ==", "patchType": "Merge"}, 'unsupported patch type "Merge"'),
        (
            "mutating",
            {"allowed": True, "patch": "e30=", "patchType": "JSONPatch"},
            "received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type "
            "jsonpatch.Patch",
        ),
    ],
)
def test_faulty_answers(
    hooks: WebhookServer,
    configure: Callable[..., None],
    create: Callable[..., Any],
    kind: str,
    response: Object,
    reason: str,
) -> None:
    """An answer that breaks the protocol is a failed call; failurePolicy Ignore lets the request pass."""
    hooks.respond["/faulty"] = lambda request: dict(response)
    configure(kind, "/faulty", objectSelector={"matchLabels": {"fail": "closed"}})
    configure(kind, "/faulty", objectSelector={"matchLabels": {"fail": "open"}}, failurePolicy="Ignore")
    answer = create("configmaps", {"metadata": {"name": "a", "labels": {"fail": "closed"}}})
    assert answer.status == 500
    assert answer.json()["message"].startswith('Internal error occurred: failed calling webhook "hook0.example.com": ')
    assert reason in answer.json()["message"]
    assert create("configmaps", {"metadata": {"name": "a", "labels": {"fail": "open"}}}).status == 201


def test_timeout(hooks: WebhookServer, configure: Callable[..., None], create: Callable[..., Any]) -> None:
    """A webhook that takes longer than its timeout has failed."""

    def respond(request: Object) -> Object:
        time.sleep(1.3)
        return {"allowed": True}

    hooks.respond["/slow"] = respond
    configure("validating", "/slow", timeoutSeconds=1)
    answer = create("configmaps", CONFIG_MAP)
    assert answer.status == 500
    assert answer.json()["message"].endswith('/slow?timeout=1s": context deadline exceeded')


def test_dry_run_needs_no_side_effects(
    hooks: WebhookServer, server: RunningServer, configure: Callable[..., None], create: Callable[..., Any]
) -> None:
    """The webhook learns of a dry run."""
    hooks.respond["/yes"] = allowed()
    configure("validating", "/yes", sideEffects="NoneOnDryRun")
    assert create("configmaps", CONFIG_MAP, "?dryRun=All").status == 201
    assert hooks.seen[0]["request"]["dryRun"] is True


def test_v1beta1_and_conditions(
    hooks: WebhookServer, configure: Callable[..., None], create: Callable[..., Any]
) -> None:
    """The first known review version is spoken; match conditions keep requests away."""
    hooks.respond["/yes"] = allowed()
    conditions = [{"name": "named-b", "expression": "object.metadata.name == 'b'"}]
    configure("validating", "/yes", admissionReviewVersions=["v2", "v1beta1", "v1"], matchConditions=conditions)
    assert create("configmaps", CONFIG_MAP).status == 201
    assert hooks.seen == []
    assert create("configmaps", {"metadata": {"name": "b"}}).status == 201
    assert [review["apiVersion"] for review in hooks.seen] == ["admission.k8s.io/v1beta1"]


def test_reinvocation(hooks: WebhookServer, configure: Callable[..., None], create: Callable[..., Any]) -> None:
    """A webhook that wants it is asked again after a later one has changed the object, others are not."""
    hooks.respond["/first"] = allowed()
    hooks.respond["/once"] = allowed()
    hooks.respond["/second"] = patched({"op": "add", "path": "/data", "value": {"k": "v"}})
    configure("mutating", "/first", reinvocationPolicy="IfNeeded")
    configure("mutating", "/once")
    configure("mutating", "/second")
    assert create("configmaps", CONFIG_MAP).status == 201
    data = [review["request"]["object"].get("data") for review in hooks.seen]
    assert data == [None, None, None, {"k": "v"}]


def test_equivalent_version(
    hooks: WebhookServer, server: RunningServer, configure: Callable[..., None], create: Callable[..., Any]
) -> None:
    """A rule for another version of the resource gets the object converted to it; Exact rules do not match."""
    hooks.respond["/yes"] = allowed()
    rule = {
        "apiGroups": ["autoscaling"],
        "apiVersions": ["v1"],
        "resources": ["horizontalpodautoscalers"],
        "operations": ["CREATE"],
    }
    configure("validating", "/yes", rules=[rule])
    configure("validating", "/yes", rules=[rule], matchPolicy="Exact")
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
    body = {"metadata": {"name": "h"}, "spec": {"scaleTargetRef": target, "maxReplicas": 3}}
    assert create("horizontalpodautoscalers", body, api="/apis/autoscaling/v2").status == 201
    (request,) = [review["request"] for review in hooks.seen]
    assert request["kind"]["version"] == request["resource"]["version"] == "v1"
    assert request["requestKind"]["version"] == request["requestResource"]["version"] == "v2"
    assert request["object"]["apiVersion"] == "autoscaling/v1"
