"""The whole server starts, is ready, says who is who, and stops in order."""

from __future__ import annotations

import http.client
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kubern.lifecycle import StartError
from kubern.options.options import InvalidOptions
from kubern.testing.servers import RunningServer, running_server
from kubern.testing.waiting import eventually

Start = Callable[..., RunningServer]


def test_ready_after_the_post_start_hooks(server: RunningServer) -> None:
    """/readyz answers ok, and lists every check when asked."""
    assert server.request("GET", "/readyz").body == b"ok"
    assert b"[+]shutdown ok" in server.request("GET", "/readyz?verbose").body


def test_the_admin_certificate_of_the_first_start(server: RunningServer) -> None:
    """The kubeconfig's certificate may do everything."""
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=server.ssl_context(admin=True))
    connection.request("GET", "/api/v1/namespaces")
    assert connection.getresponse().status == 200
    connection.close()


def test_anonymous_requests_are_refused_with_always_allow(server: RunningServer) -> None:
    """Nobody is anonymous and all-powerful."""
    answer = server.request("GET", "/api/v1/namespaces", token=None)
    assert (answer.status, answer.json()["message"]) == (401, "Unauthorized")
    assert server.request("GET", "/healthz", token="wrong").status == 401


def test_always_deny_lets_masters_alone_in(start_server: Start) -> None:
    """system:masters comes before every mode; anonymous requests are known as such."""
    server = start_server("--authorization-mode=AlwaysDeny")
    assert server.request("GET", "/version").status == 200
    answer = server.request("GET", "/version", token=None)
    assert answer.status == 403
    assert answer.json()["message"].startswith('forbidden: User "system:anonymous" cannot get path "/version"')


def test_a_taken_port_ends_the_start(server: RunningServer, start_server: Start) -> None:
    """Before anything else is opened, with the flag's name."""
    with pytest.raises(StartError, match=f"--secure-port: cannot listen on 127.0.0.1 port {server.port}"):
        start_server(f"--secure-port={server.port}")


def test_invalid_options_write_nothing(start_server: Start, tmp_path: Path) -> None:
    """The data directory is not even made."""
    with pytest.raises(InvalidOptions) as caught:
        start_server("--goaway-chance=2", f"--data-dir={tmp_path / 'data'}")
    assert caught.value.problems == ["--goaway-chance: 2 must be from 0 to 0.02"]
    assert not (tmp_path / "data").exists()


def test_a_broken_file_ends_the_start(start_server: Start, tmp_path: Path) -> None:
    """The flag and the reason are named."""
    tokens = tmp_path / "tokens.csv"
    tokens.write_text("secret,jane\n")
    with pytest.raises(StartError, match=r"--token-auth-file: token file .* must have at least 3 columns"):
        start_server(f"--token-auth-file={tokens}")


def test_an_insecure_port_asks_nobody(start_server: Start) -> None:
    """Plain HTTP, full rights, off unless a port is given."""
    port = _free_port()
    start_server(f"--insecure-port={port}", "--authorization-mode=AlwaysDeny")
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/api/v1/namespaces")
    assert connection.getresponse().status == 200
    connection.close()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
def test_sigterm_ends_watches_and_the_process(start_server_process: Start) -> None:
    """A watch ends cleanly (its last chunk arrives), and the process is gone."""
    server = start_server_process()
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=server.ssl_context())
    headers = {"Authorization": f"Bearer {server.token}"}
    connection.request("GET", "/api/v1/namespaces?watch=1", headers=headers)
    answer = connection.getresponse()
    threading.Timer(0.3, lambda: os.kill(server.pid, signal.SIGTERM)).start()
    answer.read()
    connection.close()
    assert _gone(server.pid, 5)


@pytest.mark.slow
def test_readyz_fails_while_the_shutdown_delay_lasts(start_server_process: Start) -> None:
    """Everything is still served, only /readyz says no; the second signal ends the process at once."""
    server = start_server_process("--shutdown-delay-duration=20s")
    os.kill(server.pid, signal.SIGTERM)
    eventually(lambda: server.request("GET", "/readyz").status != 200)
    assert b"[-]shutdown failed" in server.request("GET", "/readyz").body
    assert server.request("GET", "/livez").status == 200
    assert server.request("GET", "/api/v1/namespaces").status == 200
    time.sleep(0.3)  # signals that come together count as one
    os.kill(server.pid, signal.SIGINT)
    assert _gone(server.pid, 2)


def _gone(pid: int, within: float) -> bool:
    """Whether a child process ends within some seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        status = Path(f"/proc/{pid}/status")
        if not status.exists() or "State:\tZ" in status.read_text():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.slow
def test_the_commands(tmp_path: Path) -> None:
    """version, flags, plugins and errors, as a user sees them."""

    def kubern(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "kubern", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert kubern("start", "--version").stdout == "Kubernetes v1.36.2\n"
    assert "--data-dir=/x" in kubern("flags", "--data-dir=/x").stdout
    assert "resources (kubern-core" in kubern("plugins").stdout
    wrong = kubern("start", "--secure-prt=1", "--goaway-chance=2")
    assert wrong.returncode == 1
    assert "did you mean --secure-port?" in wrong.stderr
    assert "--goaway-chance: 2 must be from 0 to 0.02" in wrong.stderr
    missing = kubern("kubeconfig", f"--data-dir={tmp_path}")
    assert missing.returncode == 1
    assert "the first start makes it" in missing.stderr


def test_tls_1_2_clients_are_served(server: RunningServer) -> None:
    """The oldest version that is accepted by default."""
    context = server.ssl_context()
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context)
    connection.request("GET", "/readyz", headers={"Authorization": f"Bearer {server.token}"})
    assert connection.getresponse().status == 200
    connection.close()


def test_idle_connections_do_not_delay_the_stop() -> None:
    """A client that keeps its connection and says nothing is not waited for."""
    with running_server() as server:
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=server.ssl_context(admin=True))
        connection.request("GET", "/version")
        assert connection.getresponse().read()
        stopping = time.monotonic()
    assert time.monotonic() - stopping < 3
    connection.close()
