"""Published vulnerabilities of kube-apiserver in what it passes on to others; docs/security.md has the table of all."""

from __future__ import annotations

import base64
import contextlib
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
UPGRADE = f"Host: a\r\nAuthorization: Bearer {ADMIN_TOKEN}\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"


class Odd(socketserver.ThreadingTCPServer):
    """Answers with redirects and refusals, and remembers every request line it got."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, context: ssl.SSLContext) -> None:
        self.seen: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        with contextlib.suppress(OSError):
            while line := self.rfile.readline():
                assert isinstance(self.server, Odd)
                self.server.seen.append(line.decode("latin-1").strip())
                length = 0
                while (header := self.rfile.readline()) not in (b"\r\n", b""):
                    if header.lower().startswith(b"content-length:"):
                        length = int(header.partition(b":")[2])
                self.rfile.read(length)
                self.wfile.write(self._answer(line))

    def _answer(self, line: bytes) -> bytes:
        assert isinstance(self.server, Odd)
        if b"/moved" in line:
            there = f"https://127.0.0.1:{self.server.port}/stolen"
            return f"HTTP/1.1 302 Found\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n".encode()
        if b"/refused" in line:
            return b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"
        return b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Odd, bytes]]:
    """The other server and its CA."""
    directory: Path = tmp_path_factory.mktemp("odd")
    ca = new_ca("odd-ca")
    pair = new_certificate(ca, "odd", names=("odd.default.svc", "127.0.0.1"), server=True)
    (directory / "tls.pem").write_bytes(pair.cert + pair.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "tls.pem")
    with Odd(context) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server, ca.cert
        server.shutdown()


@pytest.fixture(scope="module")
def front(odd: tuple[Odd, bytes]) -> Iterator[RunningServer]:
    """A server with odd.example.com registered, and a node that is at this machine."""
    with running_server("--authorization-mode=Node,RBAC") as server:
        server.request("POST", "/api/v1/namespaces", {"metadata": {"name": "default"}})
        service = {"metadata": {"name": "odd"}, "spec": {"type": "ExternalName", "externalName": "localhost"}}
        server.request("POST", "/api/v1/namespaces/default/services", service)
        where = {"namespace": "default", "name": "odd", "port": odd[0].port}
        spec = {
            "group": "odd.example.com", "version": "v1", "service": where, "groupPriorityMinimum": 10,
            "versionPriority": 10, "caBundle": base64.b64encode(odd[1]).decode(),
        }  # fmt: skip
        registration = {"metadata": {"name": "v1.odd.example.com"}, "spec": spec}
        assert server.request("POST", "/apis/apiregistration.k8s.io/v1/apiservices", registration).status == 201
        eventually(lambda: server.request("GET", GROUP).status == 200)
        status = {
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": odd[0].port}},
        }
        assert server.request("POST", "/api/v1/nodes", {"metadata": {"name": "here"}, "status": status}).status == 201
        yield server


def _conversation(server: RunningServer, *requests: str) -> bytes:
    """Everything that comes back for requests that are sent at once on one connection."""
    with contextlib.ExitStack() as stack:
        import socket

        raw = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=3))
        connection = stack.enter_context(server.ssl_context().wrap_socket(raw, server_hostname="127.0.0.1"))
        connection.sendall("".join(requests).encode())
        received = b""
        with contextlib.suppress(OSError):
            while data := connection.recv(65536):
                received += data
        return received


def test_cve_2018_1002105_a_refused_upgrade_is_no_tunnel(front: RunningServer, odd: tuple[Odd, bytes]) -> None:
    """CVE-2018-1002105: after an upgrade that the other server refused, bytes are requests to us, not to it."""
    received = _conversation(
        front,
        f"GET {GROUP}/refused HTTP/1.1\r\n{UPGRADE}\r\n",
        f"GET {GROUP}/smuggled HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    )
    assert received.startswith(b"HTTP/1.1 403")
    assert not any("/smuggled" in line for line in odd[0].seen)


@pytest.mark.parametrize("upgrade", [False, True])
def test_cve_2022_3172_and_2020_8559_redirects(front: RunningServer, odd: tuple[Odd, bytes], upgrade: bool) -> None:
    """CVE-2022-3172, CVE-2020-8559: neither we nor our client follow an extension server elsewhere."""
    head = UPGRADE if upgrade else f"Host: a\r\nAuthorization: Bearer {ADMIN_TOKEN}\r\nConnection: close\r\n"
    received = _conversation(front, f"GET {GROUP}/moved HTTP/1.1\r\n{head}\r\n")
    assert received.startswith(b"HTTP/1.1 503" if upgrade else b"HTTP/1.1 502")
    assert b"ocation:" not in received
    assert not any("/stolen" in line for line in odd[0].seen)


def test_cve_2020_8561_webhooks_do_not_send_us_elsewhere(front: RunningServer, odd: tuple[Odd, bytes]) -> None:
    """CVE-2020-8561: a webhook's redirect is an answer like any other wrong one."""
    client = {"url": f"https://127.0.0.1:{odd[0].port}/moved", "caBundle": base64.b64encode(odd[1]).decode()}
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"], "operations": ["CREATE"]}
    webhook = {
        "name": "moved.example.com", "clientConfig": client, "rules": [rule], "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }  # fmt: skip
    path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
    assert front.request("POST", path, {"metadata": {"name": "moved"}, "webhooks": [webhook]}).status == 201
    answer = front.request("POST", "/api/v1/namespaces/default/configmaps", {"metadata": {"name": "a"}})
    front.request("DELETE", f"{path}/moved")
    assert answer.status == 500
    assert "failed calling webhook" in answer.json()["message"]
    assert any("/moved" in line for line in odd[0].seen)
    assert not any("/stolen" in line for line in odd[0].seen)


@pytest.mark.parametrize("name", ["here:1", "http:here:1", "https:here:6443"])
def test_cve_2020_8562_and_2022_3294_no_way_back_to_this_machine(front: RunningServer, name: str) -> None:
    """CVE-2020-8562, CVE-2022-3294: through a node's proxy only its kubelet is reached at an address of our own."""
    answer = front.request("GET", f"/api/v1/nodes/{name}/proxy/metrics")
    assert answer.status == 400
    assert answer.json()["message"] == "address not allowed"
