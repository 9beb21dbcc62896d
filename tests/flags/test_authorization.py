"""Who may do what, by flags."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kubern.testing.servers import RunningServer

from .json_server import json_server

Start = Callable[..., RunningServer]
LEAN = "--disable-plugins=aggregator,apiextensions"
SECRETS = "/api/v1/namespaces/default/secrets"


def _tokens(directory: Path) -> str:
    """Two users without rights."""
    file = directory / "tokens.csv"
    file.write_text("ada-token,ada,1,engines\nbob-token,bob,2\n")
    return f"--token-auth-file={file}"


def _may(server: RunningServer, user: str) -> bool:
    status = server.request("GET", SECRETS, token=f"{user}-token").status
    assert status in (200, 403)
    return status == 200


def test_a_policy_file(start_server: Start, tmp_path: Path) -> None:
    """--authorization-policy-file, a JSON object a line, for the mode ABAC."""
    policy = tmp_path / "policy.jsonl"
    spec = {"user": "ada", "namespace": "*", "resource": "secrets", "readonly": True}
    line = {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": spec}
    policy.write_text(json.dumps(line) + "\n")
    server = start_server(LEAN, _tokens(tmp_path), "--authorization-mode=ABAC", f"--authorization-policy-file={policy}")
    assert [_may(server, user) for user in ("ada", "bob")] == [True, False]
    assert server.request("POST", SECRETS, {"metadata": {"name": "s"}}, token="ada-token").status == 403


def _ada_alone(review: Any) -> tuple[int, Any]:
    user = review["spec"].get("user")
    return 200, {**review, "status": {"allowed": user in ("ada", "system:apiserver")}}


def test_another_server_is_asked(start_server: Start, tmp_path: Path) -> None:
    """In the version of the flag; yes and no are each remembered for as long as their flag says."""
    with json_server(tmp_path, _ada_alone) as there:
        server = start_server(
            LEAN, _tokens(tmp_path), "--authorization-mode=Webhook",
            f"--authorization-webhook-config-file={there.kubeconfig}", "--authorization-webhook-version=v1",
            "--authorization-webhook-cache-authorized-ttl=1h", "--authorization-webhook-cache-unauthorized-ttl=0s",
        )  # fmt: skip
        assert [_may(server, user) for user in ("ada", "ada", "bob", "bob")] == [True, True, False, False]
        asked = [r["spec"]["user"] for r in there.requests if r["spec"].get("user") in ("ada", "bob")]
        assert asked == ["ada", "bob", "bob"]
        assert there.requests[0]["apiVersion"] == "authorization.k8s.io/v1"
        attributes = there.requests[-1]["spec"]["resourceAttributes"]
        assert attributes["resource"] == "secrets"
        assert attributes["namespace"] == "default"


def test_a_file_of_authorizers(start_server: Start, tmp_path: Path) -> None:
    """--authorization-config orders them and says what a webhook is asked at all."""
    with json_server(tmp_path, _ada_alone) as there:
        config = tmp_path / "authorizers.yaml"
        webhook = {
            "timeout": "3s", "subjectAccessReviewVersion": "v1", "failurePolicy": "Deny",
            "matchConditionSubjectAccessReviewVersion": "v1", "authorizedTTL": "1m", "unauthorizedTTL": "1m",
            "connectionInfo": {"type": "KubeConfigFile", "kubeConfigFile": str(there.kubeconfig)},
            "matchConditions": [{"expression": "request.user == 'ada' || request.user == 'bob'"}],
        }  # fmt: skip
        document = {
            "apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthorizationConfiguration",
            "authorizers": [
                {"type": "Webhook", "name": "there", "webhook": webhook}, {"type": "RBAC", "name": "rbac"},
            ],
        }  # fmt: skip
        config.write_text(json.dumps(document))
        server = start_server(LEAN, _tokens(tmp_path), f"--authorization-config={config}")
        assert [_may(server, user) for user in ("ada", "bob")] == [True, False]
        assert {request["spec"]["user"] for request in there.requests} == {"ada", "bob"}
