"""What clients see while a server starts and stops, and when they ask for impossible things."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kubern.testing.servers import ADMIN_TOKEN, RunningServer
from kubern.testing.waiting import eventually

Start = Callable[..., RunningServer]
SMALL = "--disable-plugins=aggregator,apiextensions"
BODY = b'{"metadata":{"name":"late"}}'
PROBE = """
import asyncio, contextlib, http.client, json, pathlib, ssl
from kubern.contributions import PostStartHook
from kubern.hookspecs import hookimpl

def ask(port, path, token):
    context = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context)
    with contextlib.closing(connection):
        connection.request("GET", path, headers={{"Authorization": "Bearer " + token}})
        answer = connection.getresponse()
        return [answer.status, answer.getheader("retry-after"), answer.read().decode()]

async def run(server):
    port = server.config.secure_port
    asked = [("/version", "alice-token"), ("/version", {admin!r}), ("/livez?verbose", {admin!r}), ("/readyz", {admin!r})]
    found = [await asyncio.to_thread(ask, port, path, token) for path, token in asked]
    pathlib.Path({file!r}).write_text(json.dumps(found))

@hookimpl
def kubern_register_post_start_hooks():
    return [PostStartHook("probe", run)]
"""


@contextlib.contextmanager
def request_in_flight(server: RunningServer) -> Iterator[ssl.SSLSocket]:
    """A connection with a request whose body is still to come."""
    head = (
        f"POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
    )
    with (
        socket.create_connection(("127.0.0.1", server.port)) as plain,
        server.ssl_context().wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        connection.sendall(head.encode())
        time.sleep(0.2)
        yield connection


def test_new_requests_are_sent_elsewhere_while_others_finish(start_server_process: Start) -> None:
    """--shutdown-send-retry-after answers 429 on a connection that closes; probes go on; nothing is lost."""
    server = start_server_process(SMALL, "--shutdown-send-retry-after")
    with request_in_flight(server) as connection:
        os.kill(server.pid, signal.SIGTERM)
        eventually(lambda: server.request("GET", "/version").status == 429)
        refused = server.request("GET", "/api/v1/namespaces")
        assert refused.body == b"The apiserver is shutting down, please try again later.\n"
        assert (refused.headers["retry-after"], refused.headers["connection"]) == ("5", "close")
        assert "audit-id" in refused.headers
        assert server.request("GET", "/livez").status == 200
        assert server.request("GET", "/readyz").status == 500
        connection.sendall(BODY)
        assert connection.recv(4096).startswith(b"HTTP/1.1 201 ")
    with pytest.raises(OSError):
        eventually(lambda: server.request("GET", "/version") and False)


def test_watches_end_cleanly_within_the_grace_period(start_server_process: Start) -> None:
    """Their streams are closed, not cut."""
    server = start_server_process(SMALL, "--shutdown-watch-termination-grace-period=5s")
    bodies: list[bytes] = []

    def watch() -> None:
        bodies.append(server.request("GET", "/api/v1/namespaces?watch=true&resourceVersion=0").body)

    watches = [threading.Thread(target=watch) for _ in range(5)]
    for thread in watches:
        thread.start()
    time.sleep(0.5)
    os.kill(server.pid, signal.SIGTERM)
    for thread in watches:
        thread.join(5)
    assert len(bodies) == 5
    assert all(json.loads(body.splitlines()[0])["type"] == "ADDED" for body in bodies)


def test_before_it_is_ready_a_server_asks_for_patience(start_server: Start, tmp_path: Path) -> None:
    """429 for users, not for administrators; /livez waits with its verdict, /readyz does not."""
    found, plugins, tokens = tmp_path / "found.json", tmp_path / "plugins", tmp_path / "tokens.csv"
    plugins.mkdir()
    (plugins / "probe.py").write_text(PROBE.format(admin=ADMIN_TOKEN, file=str(found)))
    tokens.write_text(f"{ADMIN_TOKEN},admin,a,system:masters\nalice-token,alice,b\n")
    server = start_server(
        SMALL, f"--plugins-dir={plugins}", f"--token-auth-file={tokens}", "--livez-grace-period=60s",
        "--send-retry-after-while-not-ready-once",
    )  # fmt: skip
    alice, admin, live, ready = json.loads(found.read_text())
    message = "The apiserver hasn't been fully initialized yet, please try again later.\n"
    assert alice == [429, "5", message]
    assert admin[0] == 200
    assert live[0] == 200
    assert "[+]poststarthook/probe ok" in live[2]
    assert ready[0] == 500
    assert "[-]poststarthook/probe failed: reason withheld" in ready[2]
    assert ready[2].endswith("readyz check failed\n")
    assert server.request("GET", "/version", token="alice-token").status == 200


def test_checks_are_left_out_by_their_exact_names(start_server: Start) -> None:
    """One per parameter; what does not exist is warned of."""
    server = start_server(SMALL)
    body = server.request("GET", "/readyz?verbose&exclude=etcd&exclude=ping").body
    assert b"[+]etcd excluded: ok\n" in body
    assert b"[+]ping excluded: ok\n" in body
    body = server.request("GET", "/readyz?verbose&exclude=etcd,ping").body
    assert b'warn: some health checks cannot be excluded: no matches for "etcd,ping"\n' in body
    names = [line.split()[0][3:] for line in body.decode().splitlines() if line.startswith("[+]")]
    assert names[3:6] == ["etcd", "etcd-readiness", "informer-sync"]
    assert names[-1] == "shutdown"
    assert server.request("POST", "/healthz").body == b"ok"


def test_impossible_timeouts_are_refused_before_anybody_is_asked_who_they_are(start_server: Start) -> None:
    """400 also for a wrong token; a request that lasts too long ends with 504."""
    server = start_server(SMALL)
    answer = server.request("GET", "/api/v1/namespaces?timeout=soon", token="wrong")
    assert answer.status == 400
    assert answer.json()["message"].endswith('time: invalid duration "soon"')
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=server.ssl_context())
    with contextlib.closing(connection):
        connection.putrequest("POST", "/api/v1/namespaces/default/configmaps?timeout=300ms")
        connection.putheader("Authorization", f"Bearer {server.token}")
        connection.putheader("Content-Length", "100")
        connection.endheaders()
        late = connection.getresponse()
        assert late.status == 504
        assert late.getheader("content-type") == "text/plain; charset=utf-8"
        assert json.loads(late.read())["reason"] == "Timeout"


def test_the_words_of_a_refusal_are_not_sniffed(start_server: Start) -> None:
    """403 of the authorizer comes with nosniff, as all plain texts do."""
    server = start_server(SMALL, "--authorization-mode=RBAC")
    answer = server.request("GET", "/api/v1/secrets", token=None)
    assert (answer.status, answer.headers["x-content-type-options"]) == (403, "nosniff")
    assert answer.headers["cache-control"] == "no-cache, private"
