"""How kubelets are reached: through an egress proxy, and not for ever."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubern.testing.kubelet import Kubelet, register_node, run_pod
from kubern.testing.servers import running_server

LOG = "/api/v1/namespaces/default/pods/p/log?container=main"


@contextlib.contextmanager
def connect_proxy() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that answers CONNECT: its URL, and the requests it got."""
    asked: list[bytes] = []

    def serve(client: socket.socket) -> None:
        with client, client.makefile("rb") as lines:
            asked.append(lines.readline().strip())
            while lines.readline().strip():
                pass
            host, _, port = asked[-1].split()[1].decode().rpartition(":")
            with socket.create_connection((host, int(port))) as there:
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                back = threading.Thread(target=_copy, args=(there, client), daemon=True)
                back.start()
                _copy(client, there)
                back.join(5)

    def accept(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
        listener.shutdown(socket.SHUT_RDWR)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def test_kubelets_are_reached_through_the_egress_proxy(kubelet: Kubelet, tmp_path: Path) -> None:
    """--egress-selector-config-file: TLS with the kubelet goes through what CONNECT opens."""
    with connect_proxy() as (url, asked):
        (tmp_path / "egress.yaml").write_text(
            "apiVersion: apiserver.k8s.io/v1beta1\nkind: EgressSelectorConfiguration\negressSelections:\n"
            f"- {{name: cluster, connection: {{proxyProtocol: HTTPConnect, transport: {{tcp: {{url: '{url}'}}}}}}}}\n"
        )
        flags = (
            f"--egress-selector-config-file={tmp_path}/egress.yaml",
            f"--kubelet-certificate-authority={kubelet.ca_file}",
            "--disable-admission-plugins=ServiceAccount",
        )
        with running_server(*flags) as server:
            register_node(server, kubelet.port)
            run_pod(server, "p")
            assert server.request("GET", LOG).body == b"line 0\nline 1\nline 2\n"
        assert asked == [b"CONNECT 127.0.0.1:%d HTTP/1.1" % kubelet.port]


def test_a_broken_egress_file_stops_the_start(tmp_path: Path) -> None:
    """The problem is told with its flag."""
    (tmp_path / "egress.yaml").write_text("kind: Pod")
    with (
        pytest.raises(Exception, match=r'--egress-selector-config-file: invalid service configuration object "Pod"'),
        running_server(f"--egress-selector-config-file={tmp_path}/egress.yaml"),
    ):
        pass


def test_kubelets_that_do_not_answer_are_given_up() -> None:
    """--kubelet-timeout bounds the wait for a connection with TLS."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        flags = ("--kubelet-timeout=500ms", "--disable-admission-plugins=ServiceAccount")
        with running_server(*flags) as server:
            register_node(server, silent.getsockname()[1])
            run_pod(server, "p")
            begin = time.monotonic()
            answer = server.request("GET", LOG)
            assert 0.4 < time.monotonic() - begin < 4
    assert answer.status == 500
    assert answer.json()["message"].endswith("i/o timeout")
