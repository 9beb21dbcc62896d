"""pods/proxy and services/proxy to a web server at an address of this machine that is no loopback address."""

from __future__ import annotations

import gzip
import http.client
import http.server
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from kubern.testing.servers import RunningServer, running_server

POD = "/api/v1/namespaces/default/pods/web"
PAGE = b"<html><a href='/there'>go</a></html>"


class _Web(http.server.BaseHTTPRequestHandler):
    """Tells what it was asked; some paths are special."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/page":
            self._send(200, PAGE, {"Content-Type": "text/html; charset=utf-8"})
        elif self.path == "/zipped":
            self._send(200, gzip.compress(PAGE), {"Content-Type": "text/html", "Content-Encoding": "gzip"})
        elif self.path == "/moved":
            self._send(302, b"", {"Location": "/there?a=b"})
        elif self.path == "/slow":
            self._drip()
        elif self.headers.get("Upgrade") == "echo":
            self._echo()
        else:
            told = {"method": self.command, "path": self.path, "body": body.decode(), "headers": dict(self.headers)}
            self._send(200, json.dumps(told).encode(), {"Access-Control-Allow-Origin": "*"})

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(3):
            self.wfile.write(b"5\r\nhello\r\n")
            time.sleep(0.2)
        self.wfile.write(b"0\r\n\r\n")

    def _echo(self) -> None:
        self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
        while data := self.connection.recv(100):
            self.connection.sendall(data)
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def _own_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but loopback")
        address: str = probe.getsockname()[0]
    return address


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """A server with the pod `web`, and the service `web` in front of it."""
    address = _own_address()
    with (
        http.server.ThreadingHTTPServer((address, 0), _Web) as web,
        running_server("--disable-admission-plugins=ServiceAccount") as found,
    ):
        web.daemon_threads = True
        web.block_on_close = False
        threading.Thread(target=web.serve_forever, daemon=True).start()
        _make_pod(found, address, web.server_address[1])
        yield found
        web.shutdown()


def _make_pod(server: RunningServer, address: str, port: int) -> None:
    container = {"name": "c", "image": "i", "ports": [{"containerPort": port}]}
    pods, services = "/api/v1/namespaces/default/pods", "/api/v1/namespaces/default/services"
    assert (
        server.request("POST", pods, {"metadata": {"name": "web"}, "spec": {"containers": [container]}}).status == 201
    )
    merge = {"Content-Type": "application/merge-patch+json"}
    status = {"status": {"podIP": address, "podIPs": [{"ip": address}]}}
    assert server.request("PATCH", f"{POD}/status", status, merge).status == 200
    service = {"metadata": {"name": "web"}, "spec": {"ports": [{"name": "http", "port": 80}], "clusterIP": "None"}}
    assert server.request("POST", services, service).status == 201
    endpoints = {
        "metadata": {"name": "web", "labels": {"kubernetes.io/service-name": "web"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [address], "targetRef": {"kind": "Pod", "namespace": "default", "name": "web"}}],
        "ports": [{"name": "http", "port": port}],
    }
    path = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
    assert server.request("POST", path, endpoints).status == 201


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_methods_bodies_and_queries_pass(server: RunningServer, method: str) -> None:
    """What the pod is asked is what the client asked, without its credentials."""
    body = b"content" if method in ("POST", "PUT", "PATCH") else None
    headers = {"X-Own": "1", "Content-Type": "text/plain"}
    answer = server.request(method, f"{POD}/proxy/a%20b/?x=1&y=%2F", body, headers)
    told = answer.json()
    assert (told["method"], told["path"], told["body"]) == (method, "/a%20b/?x=1&y=%2F", (body or b"").decode())
    seen = {name.lower(): value for name, value in told["headers"].items()}
    assert seen["x-own"] == "1"
    assert seen["host"] == f"127.0.0.1:{server.port}"
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert seen["x-forwarded-uri"] == f"{POD}/proxy/a%20b/"
    assert "authorization" not in seen
    assert "access-control-allow-origin" not in answer.headers


def test_services_lead_to_their_pods(server: RunningServer) -> None:
    """By the port's name and its number; the first is not there without a name for it."""
    for name in ("web:http", "web:80", "http:web:http"):
        path = f"/api/v1/namespaces/default/services/{name}/proxy/x"
        assert server.request("GET", path).json()["path"] == "/x", name
    refused = server.request("GET", "/api/v1/namespaces/default/services/web:no/proxy/x")
    assert refused.status == 503
    assert refused.json()["message"] == 'no endpoints available for service "web:no"'


def test_links_keep_leading_through_the_proxy(server: RunningServer) -> None:
    """In pages, zipped ones too, and in redirects."""
    link = f'<html><a href="{POD}/proxy/there">go</a></html>'.encode()
    assert server.request("GET", f"{POD}/proxy/page").body == link
    zipped = server.request("GET", f"{POD}/proxy/zipped")
    assert (zipped.headers["content-encoding"], gzip.decompress(zipped.body)) == ("gzip", link)
    moved = server.request("GET", f"{POD}/proxy/moved")
    assert (moved.status, moved.headers["location"]) == (302, f"{POD}/proxy/there?a=b")
    root = server.request("GET", f"{POD}/proxy?a=b")
    assert (root.status, root.headers["location"]) == (301, f"{POD}/proxy/?a=b")


def test_answers_are_streamed(server: RunningServer) -> None:
    """The first piece is there long before the last."""
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=server.ssl_context(), timeout=5)
    connection.request("GET", f"{POD}/proxy/slow", headers={"Authorization": f"Bearer {server.token}"})
    answer = connection.getresponse()
    begin = time.monotonic()
    assert answer.read(5) == b"hello"
    assert time.monotonic() - begin < 0.3
    assert answer.read() == b"hellohello"
    connection.close()


def test_upgraded_connections_pass(server: RunningServer) -> None:
    """Both directions, for the root path without a slash too."""
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=server.ssl_context(), timeout=5)
    headers = {"Connection": "Upgrade", "Upgrade": "echo", "Authorization": f"Bearer {server.token}"}
    connection.request("GET", f"{POD}/proxy", headers=headers)
    assert connection.sock is not None
    received = b""
    while not received.endswith(b"\r\n\r\n"):
        received += connection.sock.recv(1)
    assert received.startswith(b"HTTP/1.1 101 ")
    connection.sock.sendall(b"there and back")
    assert connection.sock.recv(100) == b"there and back"
    connection.close()


def test_pods_that_are_not_there(server: RunningServer) -> None:
    """A refused connection is 503; loopback addresses and pods without one are refused."""
    pods = "/api/v1/namespaces/default/pods"
    refused = server.request("GET", f"{pods}/web:1/proxy/")
    assert refused.status == 503
    assert refused.json()["message"].startswith("error trying to reach service: dial tcp ")
    container = {"name": "c", "image": "i"}
    pod = {"metadata": {"name": "none"}, "spec": {"containers": [container]}}
    assert server.request("POST", pods, pod).status == 201
    refused = server.request("GET", f"{pods}/none/proxy/")
    assert (refused.status, refused.json()["message"]) == (400, "address not allowed")
