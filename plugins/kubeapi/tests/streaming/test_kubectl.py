"""Real kubectl through the server to a kubelet: logs, exec, cp, attach, port forwarding, proxies."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import socketserver
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubern.testing.kubelet import Kubelet
from kubern.testing.servers import RunningServer
from kubern.testing.waiting import eventually

SPDY = {"KUBECTL_REMOTE_COMMAND_WEBSOCKETS": "false", "KUBECTL_PORT_FORWARD_WEBSOCKETS": "false"}
"""What makes kubectl speak SPDY at once instead of trying WebSockets."""


@pytest.fixture(params=["websocket", "spdy"])
def environment(request: pytest.FixtureRequest) -> dict[str, str]:
    """kubectl's environment for either way."""
    return {**os.environ, **(SPDY if request.param == "spdy" else {})}


def test_logs_are_streamed(kubectl: Any) -> None:
    """The log as the kubelet tells it, with -f until it ends, and its tail alone."""
    assert kubectl("logs", "p", "-c", "main").stdout == b"line 0\nline 1\nline 2\n"
    assert kubectl("logs", "p", "-c", "side", "-f").stdout.splitlines()[-1] == b"line 5"
    assert kubectl("logs", "p", "-c", "main", "--tail=1").stdout == b"line 2\n"


def test_commands_have_their_streams_and_exit_codes(kubectl: Any, environment: dict[str, str]) -> None:
    """Output, errors and the exit code come back apart."""
    done = kubectl("exec", "p", "-c", "main", "--", "sh", "-c", "echo out; echo oops >&2; exit 3", env=environment)
    assert (done.returncode, done.stdout) == (3, b"out\n")
    assert done.stderr == b"oops\ncommand terminated with exit code 3\n"


def test_input_ends_when_the_clients_does(kubectl: Any, environment: dict[str, str]) -> None:
    """cat echoes a megabyte and ends with its input."""
    data = os.urandom(1 << 20)
    done = kubectl("exec", "-i", "p", "-c", "main", "--", "cat", input=data, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == data


def test_a_command_that_cannot_start_is_an_error(kubectl: Any, environment: dict[str, str]) -> None:
    """The kubelet's words arrive."""
    done = kubectl("exec", "p", "-c", "main", "--", "nonesuch", env=environment)
    assert done.returncode == 1
    assert b"exec: nonesuch: not found" in done.stderr


def test_a_terminal_is_a_terminal(server: RunningServer, kubectl: Any, environment: dict[str, str]) -> None:
    """exec -it runs the command on a terminal; what is typed is echoed by it."""
    ours, theirs = pty.openpty()
    command = ["kubectl", f"--kubeconfig={server.kubeconfig}", "exec", "-it", "p", "-c", "main", "--", "sh"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        os.write(ours, b"tty && echo answer-$((40 + 2)); exit 5\n")
        shown = b""
        with contextlib.suppress(OSError):
            while data := os.read(ours, 4096):
                shown += data
        assert process.wait(10) == 5
        os.close(ours)
    assert b"/dev/pts/" in shown
    assert b"answer-42" in shown


def test_files_are_copied_both_ways(
    kubectl: Any, kubelet: Kubelet, tmp_path: Path, environment: dict[str, str]
) -> None:
    """kubectl cp into the container and out of it."""
    data = os.urandom(300_000)
    (tmp_path / "in").write_bytes(data)
    copied = kubectl("cp", "-c", "main", "in", "p:there", cwd=tmp_path, env=environment)
    assert copied.returncode == 0, copied.stderr
    assert (kubelet.directory / "there").read_bytes() == data
    copied = kubectl("cp", "-c", "main", "p:there", "out", cwd=tmp_path, env=environment)
    assert copied.returncode == 0, copied.stderr
    assert (tmp_path / "out").read_bytes() == data


def test_attach_joins_the_containers_process(kubectl: Any, environment: dict[str, str]) -> None:
    """attach -i talks to what runs in the container; the stand-in's containers run cat."""
    done = kubectl("attach", "-i", "p", "-c", "main", input=b"hello", env=environment)
    assert b"hello" in done.stdout


class _Web(socketserver.StreamRequestHandler):
    """Answers each request with its path."""

    def handle(self) -> None:
        path = self.rfile.readline().split(b" ")[1]
        self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(path), path))


@pytest.fixture
def web() -> Iterator[int]:
    """The port of a web server on this machine."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Web) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found.server_address[1]
        found.shutdown()


def test_ports_are_forwarded(server: RunningServer, kubectl: Any, web: int, environment: dict[str, str]) -> None:
    """Several requests through one forwarded port, each on a connection of its own."""
    command = ["kubectl", f"--kubeconfig={server.kubeconfig}", "port-forward", "p", f":{web}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        found = re.search(rb"127\.0\.0\.1:(\d+)", process.stdout.readline())
        assert found is not None
        for number in range(3):
            url = f"http://127.0.0.1:{int(found[1])}/{number}"
            with urllib.request.urlopen(url, timeout=5) as answer:
                assert answer.read() == f"/{number}".encode()
        process.terminate()


def test_the_kubelets_own_paths_are_reached_through_the_node(kubectl: Any) -> None:
    """kubectl get --raw .../nodes/NAME/proxy/..."""
    assert b"PodList" in kubectl("get", "--raw", "/api/v1/nodes/node/proxy/pods").stdout
    assert kubectl("get", "--raw", "/api/v1/nodes/node/proxy/healthz").stdout == b"ok"


def test_kubectl_proxy_serves_the_api(server: RunningServer, kubectl: Any) -> None:
    """kubectl proxy passes requests on, those to a node's kubelet too."""
    command = ["kubectl", f"--kubeconfig={server.kubeconfig}", "proxy", "--port=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1].decode()
        for path, wanted in (("/api/v1/nodes/node/proxy/healthz", b"ok"), ("/api/v1/namespaces/default", b"default")):
            with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as answer:
                assert wanted in answer.read()
        process.terminate()


def test_a_client_that_leaves_ends_the_session(server: RunningServer, kubectl: Any, kubelet: Kubelet) -> None:
    """Killing kubectl closes the kubelet's connection: the command sees its input end."""
    command = ["kubectl", f"--kubeconfig={server.kubeconfig}", "exec", "-i", "p", "-c", "main", "--"]
    script = "touch begun; cat; touch ended"
    with subprocess.Popen([*command, "sh", "-c", script], stdin=subprocess.PIPE) as process:
        eventually((kubelet.directory / "begun").exists, 10)
        process.kill()
    eventually((kubelet.directory / "ended").exists, 10)
