"""A watcher that does not read is dropped: what the server keeps for it has a limit."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from typing import Any

from kubern.storage.cacher.watcher import QUEUE_LIMIT

CHANGES = QUEUE_LIMIT + 400
_FILLING = "x" * 30_000


def _change(client: Any, times: int) -> None:
    """Change the config map over one connection."""
    server = client.server
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=server.ssl_context())
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/merge-patch+json"}
    with contextlib.closing(connection):
        for i in range(times):
            connection.request("PATCH", client.path("configmaps/big"), json.dumps({"data": {"n": str(i)}}), headers)
            assert connection.getresponse().read()


def test_a_watcher_that_does_not_read_is_dropped(client: Any) -> None:
    """Its stream ends orderly, with events missing; it lists and watches anew."""
    server = client.server
    made = client.config_map("big", data={"filling": _FILLING})
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.settimeout(20)
    raw.connect(("127.0.0.1", server.port))
    with server.ssl_context().wrap_socket(raw, server_hostname="127.0.0.1") as stream:
        path = client.path(f"configmaps?watch=1&resourceVersion={made['metadata']['resourceVersion']}")
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token}\r\nConnection: close\r\n\r\n"
        stream.sendall(head.encode())
        received = stream.recv(1024)
        _change(client, CHANGES)
        while data := stream.recv(1 << 16):
            received += data
    assert received.endswith(b"\r\n0\r\n\r\n")
    assert 0 < received.count(b'{"type":"MODIFIED"') < CHANGES
