"""The sample extension API server, used through the aggregator: by clients with and without rights, and by kubectl."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from typing import Any

import pytest

from kubern.testing.servers import RunningServer
from kubern.testing.waiting import eventually

NOTES = "/apis/notes.example.com/v1/namespaces/default/notes"
NOTE: dict[str, Any] = {
    "apiVersion": "notes.example.com/v1",
    "kind": "Note",
    "metadata": {"name": "a", "namespace": "default"},
    "spec": {"text": "hi"},
}
Kubectl = Callable[..., str]


def test_notes_are_kept_by_the_extension_server(main_server: RunningServer, notes_server: Any) -> None:
    """A note that is created through the main server can be read from both."""
    assert main_server.request("POST", NOTES, NOTE).status == 201
    assert main_server.request("GET", f"{NOTES}/a").json()["spec"] == {"text": "hi", "priority": 0}
    direct = notes_server.server.request("GET", f"{NOTES}/a", token="alice")
    assert direct.status == 403
    assert main_server.request("DELETE", f"{NOTES}/a").status == 200


def test_tokens_are_those_of_the_main_server(notes_server: Any) -> None:
    """The extension server itself knows users by asking the main server about their tokens."""
    answer = notes_server.server.request("GET", NOTES, token="alice")
    assert 'User "alice" cannot list resource "notes"' in answer.json()["message"]
    assert notes_server.server.request("GET", NOTES, token="unknown").status == 401


@pytest.fixture
def kubectl(main_server: RunningServer, notes_server: Any) -> Kubectl:
    """Runs kubectl against the main server and gives its output; skips the test where there is none."""
    path = shutil.which("kubectl")
    if path is None:
        pytest.skip("kubectl is not installed")

    def run(*arguments: str, **options: Any) -> str:
        command = [path, f"--kubeconfig={main_server.kubeconfig}", "--cache-dir=/nonexistent", *arguments]
        done = subprocess.run(command, capture_output=True, timeout=30, text=True, check=False, **options)
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    return run


def test_kubectl_applies_and_deletes(kubectl: Kubectl) -> None:
    """apply on the client's side and on the server's, get with the kind's own columns, edit by patch, delete."""
    assert kubectl("apply", "-f", "-", input=json.dumps(NOTE)) == "note.notes.example.com/a created\n"
    changed = NOTE | {"spec": {"text": "changed", "tags": ["x"]}}
    assert kubectl("apply", "-f", "-", input=json.dumps(changed)) == "note.notes.example.com/a configured\n"
    applied = NOTE | {"spec": {"text": "changed", "tags": ["y"]}}
    command = ("apply", "--server-side", "--field-manager=other", "-f", "-")
    assert kubectl(*command, input=json.dumps(applied)) == "note.notes.example.com/a serverside-applied\n"
    shown = json.loads(kubectl("get", "nt", "a", "-o", "json", "--show-managed-fields"))
    owner = next(one for one in shown["metadata"]["managedFields"] if one["manager"] == "other")
    assert owner["operation"] == "Apply"
    assert set(owner["fieldsV1"]["f:spec"]["f:tags"]) == {'v:"y"'}
    heading, row = kubectl("get", "notes").splitlines()
    assert heading.split() == ["NAME", "TEXT", "PRIORITY", "AGE"]
    assert row.split()[:3] == ["a", "changed", "0"]
    kubectl("patch", "note", "a", "--type=merge", "-p", '{"spec": {"priority": 3}}')
    assert kubectl("get", "note", "a", "-o", "jsonpath={.spec.priority}") == "3"
    assert kubectl("delete", "note", "a") == 'note.notes.example.com "a" deleted\n'


def test_kubectl_explains(main_server: RunningServer, kubectl: Kubectl) -> None:
    """The schema of the extension server reaches kubectl explain."""
    path = "apis/notes.example.com/v1"
    eventually(lambda: path in main_server.request("GET", "/openapi/v3").json()["paths"], 20)
    text = kubectl("explain", "notes.spec.tags")
    assert "FIELD: tags <[]string>" in text
    assert "Words to find it by." in text


def test_kubectl_watches(main_server: RunningServer, notes_server: Any, kubectl: Kubectl) -> None:
    """get -w shows a note as it comes and goes."""
    command = ["kubectl", f"--kubeconfig={main_server.kubeconfig}", "get", "notes", "-w", "--output-watch-events"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        guard = threading.Timer(20, process.kill)
        guard.start()
        kubectl("create", "-f", "-", input=json.dumps(NOTE | {"metadata": {"name": "seen"}}))
        assert process.stdout.readline().split()[:2] == ["EVENT", "NAME"]
        assert process.stdout.readline().split()[:2] == ["ADDED", "seen"]
        kubectl("delete", "note", "seen")
        assert process.stdout.readline().split()[:2] == ["DELETED", "seen"]
        guard.cancel()
        process.terminate()
