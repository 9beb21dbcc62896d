"""What only a server with odd answers can show: redirects, upgraded connections, cleaned headers."""

from __future__ import annotations

import http.client
import socketserver
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubern.testing.servers import ADMIN_TOKEN, RunningServer, running_server
from kubern.testing.waiting import eventually
from kubern.util.certificates import new_ca, new_certificate

GROUP = "/apis/odd.example.com/v1"


class _Odd(socketserver.StreamRequestHandler):
    """Answers by path; `seen` keeps the last request's head."""

    seen = b""

    def handle(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return
            head += line
        if b"/moved" in head:
            self.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere/\r\nContent-Length: 0\r\n\r\n")
        elif b"/echo" in head:
            type(self).seen = head
            self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello ")
            while data := self.connection.recv(100):
                self.wfile.write(data)
        else:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with odd.example.com registered."""
    directory: Path = tmp_path_factory.mktemp("odd")
    pair = new_certificate(new_ca("odd"), "odd", names=("odd.default.svc",), server=True)
    (directory / "tls.crt").write_bytes(pair.cert)
    (directory / "tls.key").write_bytes(pair.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "tls.crt", directory / "tls.key")
    with _Server(("127.0.0.1", 0), _Odd) as odd, running_server() as server:
        odd.socket = context.wrap_socket(odd.socket, server_side=True)
        threading.Thread(target=odd.serve_forever, daemon=True).start()
        service = {"metadata": {"name": "odd"}, "spec": {"type": "ExternalName", "externalName": "localhost"}}
        server.request("POST", "/api/v1/namespaces/default/services", service)
        where = {"namespace": "default", "name": "odd", "port": odd.server_address[1]}
        priorities = {"groupPriorityMinimum": 10, "versionPriority": 10}
        spec = {"group": "odd.example.com", "version": "v1", "service": where, "insecureSkipTLSVerify": True}
        registration = {"metadata": {"name": "v1.odd.example.com"}, "spec": spec | priorities}
        assert server.request("POST", "/apis/apiregistration.k8s.io/v1/apiservices", registration).status == 201
        eventually(lambda: server.request("GET", GROUP).status == 200)
        yield server
        odd.shutdown()


def test_redirects_are_refused(front: RunningServer) -> None:
    """A redirect of the extension server never reaches clients."""
    answer = front.request("GET", f"{GROUP}/moved")
    assert answer.status == 502
    assert "location" not in answer.headers
    assert answer.body == b"the backend attempted to redirect this request, which is not permitted"


def test_upgraded_connections_are_relayed(front: RunningServer) -> None:
    """After 101 bytes go both ways; the extension server sees the user and no credential."""
    connection = http.client.HTTPSConnection("127.0.0.1", front.port, context=front.ssl_context(), timeout=5)
    headers = {"Connection": "Upgrade", "Upgrade": "echo", "Authorization": f"Bearer {ADMIN_TOKEN}"}
    connection.request("GET", f"{GROUP}/echo", headers=headers)
    assert connection.sock is not None
    received = b""
    while b"hello " not in received:
        received += connection.sock.recv(1000)
    assert received.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    connection.sock.sendall(b"there")
    assert connection.sock.recv(100) == b"there"
    connection.close()
    assert b"X-Remote-User: admin\r\n" in _Odd.seen
    assert b"X-Remote-Uid: admin\r\n" in _Odd.seen
    assert b"uthorization" not in _Odd.seen


def test_upgrades_that_do_not_happen_are_errors(front: RunningServer) -> None:
    """An extension API server that answers an upgrade as if nobody had asked for one is told about."""
    answer = front.request("GET", f"{GROUP}/plain", headers={"Connection": "Upgrade", "Upgrade": "echo"})
    assert (answer.status, answer.body) == (503, b"invalid upgrade response: status code 200\n")
