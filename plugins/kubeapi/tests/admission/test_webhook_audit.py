"""What audit events tell of mutating webhooks."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubern.testing.servers import RunningServer, running_server
from kubern.testing.webhooks import WebhookServer, allowed, patched, webhook_server
from kubern.util.certificates import KeyPair

Object = dict[str, Any]
CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"


@pytest.fixture
def hooks(pki: tuple[KeyPair, Path]) -> Iterator[WebhookServer]:
    with webhook_server(pki[1], client_certificates=False) as running:
        yield running


@pytest.fixture
def audited(tmp_path: Path) -> Iterator[RunningServer]:
    """A server that records config maps with their content, and secrets without."""
    policy = {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [
            {"level": "Request", "verbs": ["create"], "resources": [{"group": "", "resources": ["configmaps"]}]},
            {"level": "Metadata", "verbs": ["create"], "resources": [{"group": "", "resources": ["secrets"]}]},
        ],
    }
    (tmp_path / "policy.json").write_text(json.dumps(policy))
    with running_server(
        f"--audit-policy-file={tmp_path}/policy.json", f"--audit-log-path={tmp_path}/audit.log"
    ) as running:
        running.request("POST", "/api/v1/namespaces", {"metadata": {"name": "audited"}})
        yield running


def _annotations(log: Path, name: str) -> Object:
    """Those of webhooks in the event of this object's creation."""
    for _ in range(100):
        events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        for event in events:
            if event["objectRef"].get("name") == name:
                return {k: v for k, v in event["annotations"].items() if "webhook.admission.k8s.io" in k}
        time.sleep(0.05)
    raise AssertionError(f"no event of {name}")


def test_patches_are_part_of_the_request(
    audited: RunningServer, hooks: WebhookServer, pki: tuple[KeyPair, Path], tmp_path: Path
) -> None:
    """Whether a webhook changed the object is always noted, how only in events that have the request."""
    hooks.respond["/patch"] = patched({"value": {"a": "b"}, "path": "/metadata/annotations", "op": "add"})
    hooks.respond["/no"] = allowed(allowed=False)
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps", "secrets"], "operations": ["CREATE"]}
    webhooks = [
        {
            "name": f"{path}.example.com",
            "clientConfig": {
                "url": f"{hooks.url}/{path}",
                "caBundle": base64.b64encode(pki[0].cert).decode(),
            },
            "rules": [rule],
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
            "objectSelector": selector,
        }
        for path, selector in (("patch", {}), ("no", {"matchLabels": {"refuse": "me"}}))
    ]
    document = {"metadata": {"name": "hooks"}, "webhooks": webhooks}
    assert audited.request("POST", CONFIGURATIONS, document).status == 201
    for resource in ("configmaps", "secrets"):
        body = {"metadata": {"name": resource}}
        assert audited.request("POST", f"/api/v1/namespaces/audited/{resource}", body).status == 201
    changed = {"configuration": "hooks", "webhook": "patch.example.com", "mutated": True}
    patch = {
        "configuration": "hooks",
        "webhook": "patch.example.com",
        "patch": [{"op": "add", "path": "/metadata/annotations", "value": {"a": "b"}}],
        "patchType": "JSONPatch",
    }
    at = "webhook.admission.k8s.io/round_0_index_0"
    found = {key: json.loads(value) for key, value in _annotations(tmp_path / "audit.log", "configmaps").items()}
    assert found == {f"mutation.{at}": changed, f"patch.{at}": patch}
    found = {key: json.loads(value) for key, value in _annotations(tmp_path / "audit.log", "secrets").items()}
    assert found == {f"mutation.{at}": changed}
    refused = {"metadata": {"name": "refused", "labels": {"refuse": "me"}}}
    assert audited.request("POST", "/api/v1/namespaces/audited/secrets", refused).status == 400
    unchanged = {"configuration": "hooks", "webhook": "no.example.com", "mutated": False}
    found = {key: json.loads(value) for key, value in _annotations(tmp_path / "audit.log", "refused").items()}
    assert found == {f"mutation.{at}": changed, "mutation.webhook.admission.k8s.io/round_0_index_1": unchanged}
