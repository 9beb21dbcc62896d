"""Published vulnerabilities of kube-apiserver in how requests are read; docs/security.md has the table of all."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from kubern.testing.servers import RunningServer, running_server
from kubern.testing.waiting import eventually

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
SECRET_WORD = "tell-nobody-this-word"


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """A server with role based access control that logs as much as it can."""
    with running_server("--authorization-mode=Node,RBAC", "--v=10") as running:
        running.request("POST", "/api/v1/namespaces", {"metadata": {"name": "default"}})
        yield running


def _quickly(server: RunningServer, method: str, path: str, body: bytes, content_type: str) -> Any:
    """The answer to a malicious body, which must not take long, and the server must live on."""
    started = time.monotonic()
    answer = server.request(method, path, body, {"Content-Type": content_type})
    assert time.monotonic() - started < 5
    assert server.request("GET", "/livez").status == 200
    return answer


def test_cve_2019_11253_yaml_bombs(server: RunningServer) -> None:
    """CVE-2019-11253: aliases that multiply are refused before they are expanded."""
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    body = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\n" + "\n".join(lines)
    answer = _quickly(server, "POST", CONFIG_MAPS, body.encode(), "application/yaml")
    assert answer.status == 400


def test_cve_2019_11253_json_nesting(server: RunningServer) -> None:
    """CVE-2019-11253: so is JSON that is too deep."""
    body = b'{"apiVersion":"v1","kind":"ConfigMap","data":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert _quickly(server, "POST", CONFIG_MAPS, body, "application/json").status == 400


def test_cve_2019_11254_slow_yaml(server: RunningServer) -> None:
    """CVE-2019-11254: YAML that parsers of its time took minutes for is answered at once."""
    for body in (b"[" * 50_000, b"- " * 50_000, b"? " * 50_000, b"{" * 50_000):
        assert _quickly(server, "POST", CONFIG_MAPS, body, "application/yaml").status == 400


def test_cve_2019_1002100_patch_bombs(server: RunningServer) -> None:
    """CVE-2019-1002100: a patch that copies its own result over and over is cut off."""
    assert (
        server.request("POST", CONFIG_MAPS, {"metadata": {"name": "patched"}, "data": {"a": "x" * 1000}}).status == 201
    )
    operations: list[dict[str, Any]] = [{"op": "add", "path": "/data/b", "value": "x" * 1000}]
    operations += [{"op": "copy", "from": "/data", "path": f"/data/c{i}"} for i in range(60)]
    path, patch_type = f"{CONFIG_MAPS}/patched", "application/json-patch+json"
    answer = _quickly(server, "PATCH", path, json.dumps(operations).encode(), patch_type)
    assert answer.status in (400, 413, 422)
    many = [{"op": "add", "path": "/data/b", "value": "x"}] * 10_001
    answer = _quickly(server, "PATCH", path, json.dumps(many).encode(), patch_type)
    assert answer.status == 413
    assert "maximum operations in a JSON patch is 10000" in answer.json()["message"]


def test_large_bodies_are_cut_off(server: RunningServer) -> None:
    """Three MiB are enough for everybody."""
    body = json.dumps({"metadata": {"name": "large"}, "data": {"a": "x" * (4 << 20)}}).encode()
    assert _quickly(server, "POST", CONFIG_MAPS, body, "application/json").status == 413


def test_cve_2019_11247_and_2022_3162_other_scopes(server: RunningServer) -> None:
    """CVE-2019-11247, CVE-2022-3162: objects are not found through paths of another scope or another kind."""
    for plural, scope in (("clusterthings", "Cluster"), ("things", "Namespaced")):
        kind = plural.title()[:-1]
        version = {
            "name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}},
        }  # fmt: skip
        spec = {
            "group": "cves.example.com", "scope": scope, "names": {"plural": plural, "kind": kind},
            "versions": [version],
        }  # fmt: skip
        crd = {"metadata": {"name": f"{plural}.cves.example.com"}, "spec": spec}
        assert server.request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd).status == 201
    root = "/apis/cves.example.com/v1"
    one = {"apiVersion": "cves.example.com/v1", "kind": "Clusterthing", "metadata": {"name": "one"}}
    eventually(lambda: server.request("POST", f"{root}/clusterthings", one).status in (201, 409))
    assert server.request("GET", f"{root}/clusterthings/one").status == 200
    for path in (
        "namespaces/default/clusterthings/one", "namespaces/default/clusterthings", "things/one",
        "namespaces/default/things/..%2Fclusterthings%2Fone", "namespaces/default/things/../../clusterthings/one",
        "namespaces/..%2F..%2Fclusterthings/things/one", "namespaces/default/things/%2e%2e/clusterthings/one",
    ):  # fmt: skip
        answer = server.request("GET", f"{root}/{path}")
        assert answer.status in (400, 403, 404), (path, answer.body)
    selector = server.request(
        "GET", f"{root}/namespaces/default/things?fieldSelector=metadata.name%3D..%2Fclusterthings%2Fone"
    )
    assert selector.status != 200 or selector.json()["items"] == []


def test_cve_2020_8552_metrics_do_not_grow(server: RunningServer) -> None:
    """CVE-2020-8552: what clients invent does not become labels of metrics."""

    def series() -> int:
        return server.request("GET", "/metrics").body.count(b"\n")

    server.request("GET", "/invented/0")
    before = series()
    for i in range(30):
        server.request("GET", f"/invented/{i}")
        server.request("GET", f"/apis/group{i}.example.com/v1/things{i}/x")
        server.request("GET", f"/api/v1/namespaces/ns{i}/pods?x{i}=y")
        server.request(f"METHOD{i}", "/api/v1/pods")
    assert series() - before < 150


def test_cve_2019_11250_and_2020_8565_credentials_are_not_logged(
    server: RunningServer, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """CVE-2019-11250, CVE-2020-8565: no token, password or secret's content is in the log, however talkative."""
    caplog.set_level(0)
    server.request("GET", "/api/v1/pods", token=SECRET_WORD)
    server.request("GET", "/api/v1/pods", headers={"Authorization": f"Basic {SECRET_WORD}"}, token=None)
    server.request("GET", f"/api/v1/pods?access_token={SECRET_WORD}", token=None)
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": SECRET_WORD}}
    server.request("POST", "/apis/authentication.k8s.io/v1/tokenreviews", review)
    secret = {"metadata": {"name": "s"}, "stringData": {"password": SECRET_WORD}}
    assert server.request("POST", "/api/v1/namespaces/default/secrets", secret).status == 201
    headers = {"Sec-WebSocket-Protocol": f"base64url.bearer.authorization.k8s.io.{SECRET_WORD}"}
    server.request("GET", "/api/v1/pods", headers=headers, token=None)
    told = "".join(capfd.readouterr()) + caplog.text
    assert SECRET_WORD not in told
    assert server.token not in told


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Content-Length: +5\r\n",
    ],
)
def test_cve_2019_16276_ambiguous_lengths(server: RunningServer, head: str) -> None:
    """CVE-2019-16276: a request whose end two readers could see differently is not followed by another one."""
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw,
        server.ssl_context().wrap_socket(raw, server_hostname="127.0.0.1") as connection,
    ):
        inner = f"GET /version HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {server.token}\r\n\r\n"
        connection.sendall(f"POST {CONFIG_MAPS} HTTP/1.1\r\nHost: a\r\n{head}\r\n0\r\n\r\n{inner}".encode())
        received = b""
        try:
            while data := connection.recv(65536):
                received += data
        except (TimeoutError, OSError):
            pass
    assert b'"gitVersion"' not in received or received.startswith(b"HTTP/1.1 400")


def test_cve_2023_44487_no_http_2(server: RunningServer) -> None:
    """CVE-2023-44487, CVE-2023-45288: HTTP/2 is not spoken, so that its floods have no address."""
    context = server.ssl_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context, timeout=5)
    connection.connect()
    assert connection.sock is not None
    assert connection.sock.selected_alpn_protocol() == "http/1.1"
    connection.close()
