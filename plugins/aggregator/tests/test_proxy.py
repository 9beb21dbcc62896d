"""Requests through the aggregator to a second server that stands for an extension API server."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kubern.testing.servers import ADMIN_TOKEN, RunningServer, running_server
from kubern.util.certificates import new_ca, new_certificate

REGISTRATIONS = "/apis/apiregistration.k8s.io/v1/apiservices"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
NAME = "v1.coordination.k8s.io"


def wait_until(condition: Callable[[], object], timeout: float) -> None:
    """Return once `condition()` is true."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def _lease(name: str) -> dict[str, Any]:
    return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": name}, "spec": {}}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, bytes]:
    """Certificate and key for ext.default.svc, and the CA that signed it."""
    directory = tmp_path_factory.mktemp("certificates")
    ca = new_ca("extension")
    pair = new_certificate(ca, "ext", names=("ext.default.svc", "127.0.0.1"), server=True)
    cert, key = directory / "tls.crt", directory / "tls.key"
    cert.write_bytes(pair.cert)
    key.write_bytes(pair.key)
    (directory / "pki").mkdir()
    (directory / "pki" / "ca.crt").write_bytes(ca.cert)
    return cert, key, ca.cert


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The server with the aggregator."""
    with running_server("--authorization-mode=AlwaysAllow") as server:
        yield server


@pytest.fixture(scope="module")
def extension(front: RunningServer, bundle: tuple[Path, Path, bytes]) -> Iterator[RunningServer]:
    """A server of its own that believes the aggregator's headers."""
    with running_server(
        "--authorization-mode=AlwaysAllow",
        f"--tls-cert-file={bundle[0]}",
        f"--tls-private-key-file={bundle[1]}",
        f"--requestheader-client-ca-file={front.data_dir}/pki/front-proxy-ca.crt",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    ) as server:
        # Clients of its own find the CA of its certificate where they look for it.
        yield RunningServer(server.url, bundle[0].parent, server.pid)


def _register(front: RunningServer, port: int, **spec: Any) -> None:
    """Point the group of leases to a port of this machine."""
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "ext"},
        "spec": {"type": "ExternalName", "externalName": "localhost"},
    }
    front.request("POST", "/api/v1/namespaces/default/services", service)
    full = {"service": {"namespace": "default", "name": "ext", "port": port}, **spec}
    patch = [
        {"op": "add", "path": f"/spec/{key}", "value": value}
        for key, value in {"caBundle": None, "insecureSkipTLSVerify": False, **full}.items()
    ]
    headers = {"Content-Type": "application/json-patch+json"}
    answer = front.request("PATCH", f"{REGISTRATIONS}/{NAME}", patch, headers)
    assert answer.status == 200, answer.body


def _condition(front: RunningServer, name: str = NAME) -> dict[str, Any]:
    found = front.request("GET", f"{REGISTRATIONS}/{name}").json()
    return (found["status"].get("conditions") or [{}])[0]  # type: ignore[no-any-return]


@pytest.fixture
def registered(
    front: RunningServer, extension: RunningServer, bundle: tuple[Path, Path, bytes]
) -> tuple[RunningServer, RunningServer]:
    """Both servers, the group of leases served by the second one."""
    _register(front, extension.port, caBundle=base64.b64encode(bundle[2]).decode())
    wait_until(lambda: _condition(front).get("reason") == "Passed", timeout=10)
    return front, extension


def test_requests_are_answered_by_the_extension_server(registered: tuple[RunningServer, RunningServer]) -> None:
    """What is written through the aggregator is in the extension server and nowhere else."""
    front, extension = registered
    created = front.request("POST", LEASES, _lease("a"))
    assert created.status == 201
    found = extension.request("GET", f"{LEASES}/a").json()
    assert found["metadata"]["uid"] == created.json()["metadata"]["uid"]
    assert front.request("DELETE", f"{LEASES}/a").status == 200
    assert extension.request("GET", f"{LEASES}/a").status == 404


def test_answers_carry_one_audit_id(registered: tuple[RunningServer, RunningServer]) -> None:
    """The audit ID is the request's, the same on both servers."""
    answer = registered[0].request("GET", LEASES, headers={"Audit-ID": "abc"})
    assert answer.headers["audit-id"] == "abc"


def test_watches_are_streamed(registered: tuple[RunningServer, RunningServer]) -> None:
    """An event arrives while the watch goes on."""
    front, extension = registered
    connection = http.client.HTTPSConnection("127.0.0.1", front.port, context=front.ssl_context(), timeout=10)
    connection.request("GET", f"{LEASES}?watch=1", headers={"Authorization": f"Bearer {ADMIN_TOKEN}"})
    answer = connection.getresponse()
    assert extension.request("POST", LEASES, _lease("seen")).status == 201
    event = json.loads(answer.readline())
    answer.close()
    connection.close()
    assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "seen")
    extension.request("DELETE", f"{LEASES}/seen")


def test_the_user_is_who_asked_the_aggregator(registered: tuple[RunningServer, RunningServer]) -> None:
    """The extension server is told the user and groups; headers of the client that say otherwise are dropped."""
    front, _ = registered
    headers = {"X-Remote-User": "mallory", "X-Remote-Group": "system:masters", "X-Remote-Extra-A": "b"}
    name = "v1.authentication.k8s.io"
    service = {"namespace": "default", "name": "ext", "port": registered[1].port}
    patch = {"spec": {"service": service, "insecureSkipTLSVerify": True}}
    merge = {"Content-Type": "application/merge-patch+json"}
    assert front.request("PATCH", f"{REGISTRATIONS}/{name}", patch, merge).status == 200
    wait_until(lambda: _condition(front, name).get("reason") == "Passed", timeout=10)
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    answer = front.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", review, headers)
    assert answer.status == 201, answer.body
    user = answer.json()["status"]["userInfo"]
    assert user["username"] == "admin"
    assert user["groups"] == ["system:masters", "system:authenticated"]
    assert "extra" not in user


def test_discovery_shows_what_the_extension_server_offers(registered: tuple[RunningServer, RunningServer]) -> None:
    """The aggregated document has the remote version's resources, marked as current."""
    accept = {"Accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}

    def version() -> dict[str, Any]:
        items = registered[0].request("GET", "/apis", headers=accept).json()["items"]
        group = next(item for item in items if item["metadata"]["name"] == "coordination.k8s.io")
        return group["versions"][0]  # type: ignore[no-any-return]

    wait_until(lambda: version()["freshness"] == "Current", timeout=10)
    assert [r["resource"] for r in version()["resources"]] == ["leases"]


def test_openapi_of_both_servers_is_merged(registered: tuple[RunningServer, RunningServer]) -> None:
    """The v3 index names the extension server's hash, its document comes through the proxy, v2 has its paths."""
    front, extension = registered
    path = "apis/coordination.k8s.io/v1"
    own = extension.request("GET", "/openapi/v3").json()["paths"][path]["serverRelativeURL"]

    def url() -> str:
        return front.request("GET", "/openapi/v3").json()["paths"][path]["serverRelativeURL"]  # type: ignore[no-any-return]

    wait_until(lambda: url() == own, timeout=10)
    assert front.request("GET", url()).body == extension.request("GET", own).body
    assert f"/{path}/leases" in front.request("GET", "/openapi/v2").json()["paths"]


def test_a_server_that_is_away_is_unavailable(front: RunningServer) -> None:
    """The condition names the failed request; resource requests are answered with 503."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    _register(front, port, insecureSkipTLSVerify=True)
    wait_until(lambda: _condition(front).get("reason") == "FailedDiscoveryCheck", timeout=10)
    url = f"https://localhost:{port}/apis/coordination.k8s.io/v1"
    assert _condition(front)["message"].startswith(f'failing or missing response from {url}: Get "{url}": dial tcp ')
    wait_until(lambda: front.request("GET", LEASES).status == 503, timeout=5)
    assert front.request("GET", LEASES).body == b"service unavailable\n"


def test_certificates_are_verified(front: RunningServer, extension: RunningServer) -> None:
    """A server whose certificate is of another CA is not available."""
    _register(front, extension.port, caBundle=base64.b64encode(new_ca("other").cert).decode())

    def untrusted() -> bool:
        return bool(_condition(front)["message"].endswith("x509: certificate signed by unknown authority"))

    wait_until(untrusted, timeout=10)


def test_a_bundle_that_is_none_leaves_the_condition_alone(front: RunningServer) -> None:
    """A caBundle without certificates makes no condition: nobody could ask."""
    spec = {"group": "bundle.example.com", "version": "v1", "groupPriorityMinimum": 10, "versionPriority": 10}
    service = {"metadata": {"name": "bundle"}, "spec": {"type": "ExternalName", "externalName": "localhost"}}
    assert front.request("POST", "/api/v1/namespaces/default/services", service).status == 201
    where = {"service": {"namespace": "default", "name": "bundle", "port": 1}, "caBundle": "YWJj"}
    registration = {"metadata": {"name": "v1.bundle.example.com"}, "spec": spec | where}
    assert front.request("POST", REGISTRATIONS, registration).status == 201
    time.sleep(0.5)
    assert "conditions" not in front.request("GET", f"{REGISTRATIONS}/v1.bundle.example.com").json()["status"]
    refused = front.request("GET", "/apis/bundle.example.com/v1")
    assert (refused.status, refused.body) == (503, b"service unavailable\n")
