"""TLS of a whole server: certificates that change while it runs, and what browsers are told."""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kubern.testing.servers import RunningServer
from kubern.testing.waiting import eventually
from kubern.util.certificates import KeyPair, new_ca, new_certificate

REVIEW = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}


def _write(directory: Path, name: str, pair: KeyPair) -> None:
    (directory / f"{name}.key").write_bytes(pair.key)
    (directory / f"{name}.crt").write_bytes(pair.cert)


@contextlib.contextmanager
def _connection(server: RunningServer, context: ssl.SSLContext) -> Iterator[http.client.HTTPSConnection]:
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context, timeout=10)
    with contextlib.closing(connection):
        yield connection


def _user(server: RunningServer, directory: Path, name: str) -> str:
    """The name that the server knows a client certificate by."""
    context = server.ssl_context()
    context.load_cert_chain(directory / f"{name}.crt", directory / f"{name}.key")
    try:
        with _connection(server, context) as connection:
            path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
            connection.request("POST", path, json.dumps(REVIEW), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return str(json.loads(answer.read())["status"]["userInfo"]["username"]) if answer.status == 201 else ""
    except (OSError, http.client.HTTPException):
        # A certificate of an unknown CA ends the handshake.
        return ""


@pytest.mark.slow
def test_client_authorities_are_rotated(start_server: Callable[..., RunningServer], tmp_path: Path) -> None:
    """A CA that is added to the file counts without a restart, one that is taken out no longer does."""
    old, new = new_ca("old"), new_ca("new")
    for name, ca in (("old", old), ("new", new)):
        _write(tmp_path, name, new_certificate(ca, f"user-of-{name}"))
    path = tmp_path / "clients.crt"
    path.write_bytes(old.cert)
    server = start_server(f"--client-ca-file={path}")
    assert _user(server, tmp_path, "old") == "user-of-old"
    assert _user(server, tmp_path, "new") == ""
    path.write_bytes(old.cert + new.cert)
    eventually(lambda: _user(server, tmp_path, "new") == "user-of-new", timeout=20)
    path.write_bytes(new.cert)
    eventually(lambda: _user(server, tmp_path, "old") == "", timeout=20)


@pytest.mark.slow
def test_a_new_certificate_leaves_connections_alone(start_server: Callable[..., RunningServer], tmp_path: Path) -> None:
    """New connections get the new certificate, those that are open go on."""
    ca = new_ca("servers")
    names = ("127.0.0.1",)
    _write(tmp_path, "server", new_certificate(ca, "first", names=names, server=True))
    (tmp_path / "ca.crt").write_bytes(ca.cert)
    server = start_server(
        "--authorization-mode=RBAC",
        f"--tls-cert-file={tmp_path}/server.crt",
        f"--tls-private-key-file={tmp_path}/server.key",
    )
    context = ssl.create_default_context(cafile=str(tmp_path / "ca.crt"))

    def subject() -> str:
        with _connection(server, context) as connection:
            connection.connect()
            assert isinstance(connection.sock, ssl.SSLSocket)
            found = connection.sock.getpeercert() or {}
            return str(found["subject"])

    with _connection(server, context) as kept:
        kept.request("GET", "/livez")
        assert kept.getresponse().read() == b"ok"
        assert "first" in subject()
        _write(tmp_path, "server", new_certificate(ca, "second", names=names, server=True))
        eventually(lambda: "second" in subject(), timeout=20)
        kept.request("GET", "/livez")
        assert kept.getresponse().read() == b"ok"


def test_browsers_are_told_to_stay_on_https(start_server: Callable[..., RunningServer]) -> None:
    """Every answer has the directives, errors too."""
    server = start_server("--strict-transport-security-directives=max-age=31536000,includeSubDomains,preload")
    for path, token in (("/livez", server.token), ("/nowhere", server.token), ("/api", "wrong")):
        answer = server.request("GET", path, token=token)
        assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains; preload"


def test_without_directives_there_is_no_header(server: RunningServer) -> None:
    """Not even on errors."""
    assert "strict-transport-security" not in server.request("GET", "/livez").headers


def test_unknown_directives_stop_the_start(start_server: Callable[..., RunningServer]) -> None:
    """The message names the flag."""
    with pytest.raises(Exception, match=r"--strict-transport-security-directives: 'max-age' must be"):
        start_server("--strict-transport-security-directives=max-age")


def test_profiling_asks_who_is_there(server: RunningServer) -> None:
    """Without a credential there is nothing to see of the process."""
    assert server.request("GET", "/debug/pprof/", token="wrong").status == 401
