"""The main server and the sample extension API server, which runs in a process of its own so that it can be killed."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubern.testing.servers import ADMIN_TOKEN, RunningServer, running_server, server_process
from kubern.testing.waiting import eventually

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "extension_server"
NOTES_VERSION = "/apis/notes.example.com/v1"


class NotesServer:
    """The extension server: started, killed and started again on the same port with the same data."""

    def __init__(self, main: RunningServer, directory: Path) -> None:
        self.server: RunningServer
        self._directory = directory
        self._stack = contextlib.ExitStack()
        self._flags = [
            f"--plugins-dir={EXAMPLE}",
            "--disable-plugins=aggregator,kubeapi,apiextensions",
            "--disable-admission-plugins=NamespaceLifecycle",
            "--authorization-mode=Delegated",
            "--storage-backend=sqlite",
            f"--requestheader-client-ca-file={main.data_dir}/pki/front-proxy-ca.crt",
            "--requestheader-username-headers=X-Remote-User",
            "--requestheader-group-headers=X-Remote-Group",
            f"--delegation-url={main.url}",
            f"--delegation-ca-file={main.ca_file}",
            f"--delegation-token-file={directory}/token",
        ]

    def start(self) -> None:
        if "server" in self.__dict__:
            self._flags.append(f"--secure-port={self.server.port}")
        self.server = self._stack.enter_context(server_process(*self._flags, data_dir=self._directory / "notes"))

    def kill(self) -> None:
        os.kill(self.server.pid, signal.SIGKILL)

    def stop(self) -> None:
        self._stack.close()


@pytest.fixture(scope="module")
def main_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The server with the aggregator; `alice` has a token and no rights."""
    directory = tmp_path_factory.mktemp("main")
    (directory / "tokens.csv").write_text(f"{ADMIN_TOKEN},admin,admin,system:masters\nalice,alice,alice\n")
    with running_server("--authorization-mode=RBAC", f"--token-auth-file={directory}/tokens.csv") as server:
        yield server


@pytest.fixture(scope="module")
def notes_server(main_server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NotesServer]:
    """The sample extension API server, registered with the main server and available."""
    directory = tmp_path_factory.mktemp("example")
    (directory / "token").write_text(ADMIN_TOKEN)
    notes = NotesServer(main_server, directory)
    notes.start()
    register_notes(main_server, notes.server.port)
    yield notes
    notes.stop()


def register_notes(main: RunningServer, port: int) -> None:
    """What examples/extension_server/registration.yaml does, on another port."""
    service = {"metadata": {"name": "notes"}, "spec": {"type": "ExternalName", "externalName": "localhost"}}
    assert main.request("POST", "/api/v1/namespaces/default/services", service).status == 201
    spec: dict[str, Any] = {
        "group": "notes.example.com",
        "version": "v1",
        "groupPriorityMinimum": 1000,
        "versionPriority": 10,
        "insecureSkipTLSVerify": True,
        "service": {"namespace": "default", "name": "notes", "port": port},
    }
    registration = {"metadata": {"name": "v1.notes.example.com"}, "spec": spec}
    assert main.request("POST", "/apis/apiregistration.k8s.io/v1/apiservices", registration).status == 201
    eventually(lambda: main.request("GET", NOTES_VERSION).status == 200, 20)
    wait_for_discovery(main)


def wait_for_discovery(main: RunningServer) -> None:
    """Until the aggregated document shows the notes as current."""
    accept = {"Accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}

    def current() -> bool:
        items = main.request("GET", "/apis", headers=accept).json()["items"]
        versions: list[dict[str, Any]] = next(
            (i["versions"] for i in items if i["metadata"]["name"] == "notes.example.com"), []
        )
        return any(version["freshness"] == "Current" for version in versions)

    eventually(current, 20)
