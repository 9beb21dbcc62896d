"""The sample extension API server, used through the aggregator by users with and without rights."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubern.testing.servers import ADMIN_TOKEN, RunningServer, running_server

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "extension_server"
NOTES = "/apis/notes.example.com/v1/namespaces/default/notes"
NOTE: dict[str, Any] = {"apiVersion": "notes.example.com/v1", "kind": "Note", "metadata": {"name": "a"}, "text": "hi"}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningServer, RunningServer]]:
    """The main server and the extension server, registered."""
    directory = tmp_path_factory.mktemp("example")
    (directory / "token").write_text(ADMIN_TOKEN)
    (directory / "tokens.csv").write_text(f"{ADMIN_TOKEN},admin,admin,system:masters\nalice,alice,alice\n")
    with (
        running_server("--authorization-mode=RBAC", f"--token-auth-file={directory}/tokens.csv") as main,
        running_server(
            f"--plugins-dir={EXAMPLE}",
            "--disable-plugins=aggregator,kubeapi,apiextensions",
            "--disable-admission-plugins=NamespaceLifecycle",
            "--authorization-mode=Delegated",
            f"--requestheader-client-ca-file={main.data_dir}/pki/front-proxy-ca.crt",
            "--requestheader-username-headers=X-Remote-User",
            "--requestheader-group-headers=X-Remote-Group",
            f"--delegation-url={main.url}",
            f"--delegation-ca-file={main.ca_file}",
            f"--delegation-token-file={directory}/token",
        ) as extension,
    ):
        _register(main, extension.port)
        yield main, extension


def _register(main: RunningServer, port: int) -> None:
    service = {"metadata": {"name": "notes"}, "spec": {"type": "ExternalName", "externalName": "localhost"}}
    assert main.request("POST", "/api/v1/namespaces/default/services", service).status == 201
    spec = {
        "group": "notes.example.com",
        "version": "v1",
        "groupPriorityMinimum": 1000,
        "versionPriority": 10,
        "insecureSkipTLSVerify": True,
        "service": {"namespace": "default", "name": "notes", "port": port},
    }
    registration = {"metadata": {"name": "v1.notes.example.com"}, "spec": spec}
    assert main.request("POST", "/apis/apiregistration.k8s.io/v1/apiservices", registration).status == 201
    deadline = time.monotonic() + 10
    while main.request("GET", "/apis/notes.example.com/v1").status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_notes_are_kept_by_the_extension_server(servers: tuple[RunningServer, RunningServer]) -> None:
    """A note that is created through the main server can be read from both."""
    main, extension = servers
    assert main.request("POST", NOTES, NOTE).status == 201
    assert main.request("GET", f"{NOTES}/a").json()["text"] == "hi"
    direct = extension.request("GET", f"{NOTES}/a", token="alice")
    assert direct.status == 403
    assert main.request("DELETE", f"{NOTES}/a").status == 200


def test_tokens_are_those_of_the_main_server(servers: tuple[RunningServer, RunningServer]) -> None:
    """The extension server itself knows users by asking the main server about their tokens."""
    answer = servers[1].request("GET", NOTES, token="alice")
    assert 'User "alice" cannot list resource "notes"' in answer.json()["message"]
    assert servers[1].request("GET", NOTES, token="unknown").status == 401
