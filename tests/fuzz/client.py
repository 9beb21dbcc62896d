"""Keep-alive connections that send requests, and the judgement of what comes back.

Next: `test_requests.py`.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import yaml

from kubern.testing.servers import RunningServer

from .requests import Request

TIMEOUT = 20.0
# What kube-apiserver answers with 5xx as well: (status, what its message says, why).
EXPECTED_FAILURES = (
    (500, "strconv.ParseUint: parsing", "a resourceVersion that is no number, on get and watch"),
    (500, "resourceVersion should not be set on objects to be created", "an error of the storage, which has no status"),
    (500, "failed to create typed patch object", "an apply configuration whose values are of the wrong type"),
    (500, "Required value", "a Binding without a target: its problems are no Status upstream"),
    (500, "target.kind: Unsupported value", "a Binding to something else than a Node, likewise"),
    (500, "no preferred addresses found", "log, exec, proxy and their like on a node that reports no address"),
    (503, "no endpoints available for service", "the proxy to a service nobody backs"),
    (504, "Too large resource version", "a resourceVersion that is not there yet"),
)  # fmt: skip


class Wrong(AssertionError):
    """An answer that no request may get."""


class Answers:
    """Connections to one server, one for each thread, and how often which status came."""

    def __init__(self, server: RunningServer, connections: int) -> None:
        self.statuses: Counter[int] = Counter()
        self.causes: Counter[str] = Counter()
        self._server = server
        self._context = server.ssl_context()
        self._local = threading.local()
        self._pool = ThreadPoolExecutor(connections, thread_name_prefix="fuzz")
        self._opened: list[http.client.HTTPSConnection] = []

    def close(self) -> None:
        self._pool.shutdown()
        for connection in self._opened:
            connection.close()

    def exchange(self, requests: list[Request]) -> None:
        """Send all at once, each on a connection of its own; Wrong if an answer is."""
        for status in self._pool.map(self._one, requests):
            self.statuses[status] += 1

    def _connection(self) -> http.client.HTTPSConnection:
        found: http.client.HTTPSConnection | None = getattr(self._local, "connection", None)
        if found is None:
            found = http.client.HTTPSConnection("127.0.0.1", self._server.port, context=self._context, timeout=TIMEOUT)
            self._local.connection = found
            self._opened.append(found)
        return found

    def _one(self, request: Request) -> int:
        connection = self._connection()
        try:
            answer = self._send(connection, request)
            if request.streams and answer.status < 400:
                connection.close()
                return answer.status
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise Wrong(f"{error!r} after {request}") from error
        judge(request, answer, body)
        return answer.status

    def _send(self, connection: http.client.HTTPSConnection, request: Request) -> http.client.HTTPResponse:
        connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
        names = {name.lower() for name, _ in request.headers}
        defaults = {"host": f"127.0.0.1:{self._server.port}", "authorization": f"Bearer {self._server.token}"}
        headers = [*((name, value) for name, value in defaults.items() if name not in names), *request.headers]
        for name, value in headers:
            connection.putheader(name, value.encode())
        if request.body is not None:
            connection.putheader("Content-Length", str(len(request.body)))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # refused before all of it was read: 413
            connection.endheaders(request.body)
        return connection.getresponse()


def judge(request: Request, answer: http.client.HTTPResponse, body: bytes) -> None:
    """Raise Wrong for an undocumented 5xx and for an error that does not say what it is."""
    status = answer.status
    if status < 400 or request.method in ("HEAD", "head"):
        if status >= 500:
            raise Wrong(f"{status} to {request}")
        return
    media = (answer.getheader("Content-Type") or "").partition(";")[0]
    message = body.decode(errors="replace")
    if status >= 500 and not any(status == code and text in message for code, text, _ in EXPECTED_FAILURES):
        raise Wrong(f"{status} {message[:2000]} to {request}")
    match media:
        case "application/json":
            said = json.loads(body)
        case "application/yaml":
            said = yaml.safe_load(body)
        case "application/vnd.kubernetes.protobuf":
            if not body.startswith(b"k8s\x00"):
                raise Wrong(f"{body!r} is no protobuf, to {request}")
            return
        case "text/plain":
            return
        case _:
            raise Wrong(f"an error as {media!r}: {message[:500]} to {request}")
    if not isinstance(said, dict) or said.get("kind") != "Status" or said.get("code") != status:
        raise Wrong(f"{status} with {message[:500]} to {request}")
