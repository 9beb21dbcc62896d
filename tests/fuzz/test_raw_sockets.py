"""Bytes that are no proper HTTP: the server answers with an error or closes the connection, and serves the next client."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator

import hypothesis
import pytest
from hypothesis import HealthCheck
from hypothesis import strategies as st

from kubern.testing.servers import RunningServer

from .conftest import KNOWN

HOST = b"Host: a\r\n"
BODY = b'{"metadata":{"name":"raw"}}'
POST = b"POST /api/v1/namespaces/fuzz/configmaps?dryRun=All HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
MALFORMED = {
    "nothing": b"\r\n\r\n",
    "zero bytes": b"\x00" * 100,
    "no version": b"GET /version\r\n\r\n",
    "unknown version": b"GET /version HTTP/9.9\r\n" + HOST + b"\r\n",
    "http 1.0": b"GET /version HTTP/1.0\r\n\r\n",
    "http 2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no host": b"GET /version HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /version HTTP/1.1\r\n" + HOST * 2 + b"\r\n",
    "bad method": b"G@T /version HTTP/1.1\r\n" + HOST + b"\r\n",
    "space in path": b"GET /ver sion HTTP/1.1\r\n" + HOST + b"\r\n",
    "bytes in path": b"GET /api/v1/\xff\xfe\x80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "absolute form": b"GET https://else.where/version HTTP/1.1\r\n" + HOST + b"\r\n",
    "absolute form without path": b"GET https://else.where HTTP/1.1\r\n" + HOST + b"\r\n",
    "asterisk form": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "connect": b"CONNECT else.where:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "no leading slash": b"GET version HTTP/1.1\r\n" + HOST + b"\r\n",
    "dots": b"GET /api/v1/../../version HTTP/1.1\r\n" + HOST + b"\r\n",
    "long path": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "header without colon": b"GET /version HTTP/1.1\r\n" + HOST + b"nonsense\r\n\r\n",
    "header without name": b"GET /version HTTP/1.1\r\n" + HOST + b": x\r\n\r\n",
    "header with zero byte": b"GET /version HTTP/1.1\r\n" + HOST + b"A: a\x00b\r\n\r\n",
    "folded header": b"GET /version HTTP/1.1\r\n" + HOST + b"A: b\r\n  c\r\n\r\n",
    "bare line feeds": b"GET /version HTTP/1.1\nHost: a\n\n",
    "large header": b"GET /version HTTP/1.1\r\n" + HOST + b"A: " + b"x" * 2_000_000 + b"\r\n\r\n",
    "many headers": b"GET /version HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 50_000 + b"\r\n",
    "bytes in a token": b"GET /version HTTP/1.1\r\n" + HOST + b"Authorization: Bearer \xff\xfe\r\n\r\n",
    "two lengths": POST + b"Content-Length: 27\r\nContent-Length: 5\r\n\r\n" + BODY,
    "length and chunks": POST + b"Content-Length: 27\r\nTransfer-Encoding: chunked\r\n\r\n" + BODY,
    "negative length": POST + b"Content-Length: -1\r\n\r\n" + BODY,
    "length of letters": POST + b"Content-Length: abc\r\n\r\n" + BODY,
    "huge length": POST + b"Content-Length: 99999999999999999999999\r\n\r\n" + BODY,
    "large length": POST + b"Content-Length: 9223372036854775807\r\n\r\n" + BODY,
    "short body": POST + b"Content-Length: 1000\r\n\r\n" + BODY,
    "bad chunk size": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + BODY,
    "huge chunk size": POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n" + BODY,
    "chunk without end": POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc",
    "chunk of wrong size": POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n" + BODY + b"\r\n0\r\n\r\n",
    "unknown coding": POST + b"Transfer-Encoding: rot13\r\n\r\n" + BODY,
    "upgrade to nothing": b"GET /version HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: nothing/1\r\n\r\nxx",
    "half a websocket": b"GET /api/v1/pods?watch=1 HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81",
    "expectation": POST + b"Expect: 200-nothing\r\nContent-Length: 27\r\n\r\n" + BODY,
    "trailers": POST + b"Transfer-Encoding: chunked\r\nTrailer: A\r\n\r\n0\r\nA: b\r\n\r\n",
    "no request at all": b"",
    "tls in tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def alive(fuzzed: RunningServer) -> Iterator[None]:
    """After everything that was sent, the known object is there."""
    yield
    assert fuzzed.request("GET", KNOWN).json()["data"] == {"a": "b"}


def exchange(server: RunningServer, sent: bytes, *, tls: bool = True) -> bytes:
    """What the server says to some bytes until it closes, or we do."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as plain:
        connection = server.ssl_context().wrap_socket(plain, server_hostname="127.0.0.1") if tls else plain
        connection.settimeout(5)
        answer = b""
        with connection, contextlib.suppress(ConnectionError, BrokenPipeError, TimeoutError, ssl.SSLError):
            connection.sendall(sent)
            connection.settimeout(0.2)
            while part := connection.recv(65536):
                answer += part
        return answer


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_http(fuzzed: RunningServer, name: str) -> None:
    """An answer starts like one and is no 5xx."""
    answer = exchange(fuzzed, MALFORMED[name])
    assert answer == b"" or answer.startswith(b"HTTP/1.1 "), answer[:200]
    assert not answer.startswith((b"HTTP/1.1 5", b"HTTP/1.1 200 OK\r\n\r\nHTTP")), answer[:500]


@pytest.mark.parametrize(
    "sent", [b"GET /version HTTP/1.1\r\n\r\n", b"\x00" * 500, b"\x16\x03\x01\xff\xff" + b"a" * 500, b""]
)
def test_plain_bytes_on_the_tls_port(fuzzed: RunningServer, sent: bytes) -> None:
    """A handshake that is none ends the connection."""
    answer = exchange(fuzzed, sent, tls=False)
    assert not answer.startswith(b"HTTP/1.1 2")


def test_pipelined_requests(fuzzed: RunningServer) -> None:
    """Requests sent in one go are answered in order."""
    token = b"Authorization: Bearer " + fuzzed.token.encode() + b"\r\n"
    paths = [b"/version", b"/api", b"/nosuch", KNOWN.encode(), b"/healthz"]
    sent = b"".join(b"GET " + path + b" HTTP/1.1\r\n" + HOST + token + b"\r\n" for path in paths)
    statuses = [part[:3] for part in exchange(fuzzed, sent).split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"200", b"404", b"200", b"200"]


PIECES = st.sampled_from([
    b"GET ", b"POST ", b"/api/v1/namespaces", b"/version", b" HTTP/1.1", b"\r\n", b"\n", b"\r", b": ", b"Host: a", b"Content-Length: ", b"5", b"0",
    b"Transfer-Encoding: chunked", b"Connection: close", b"Connection: keep-alive", b"Expect: 100-continue", b"\r\n\r\n", b"hello", b"\x00", b"\xff",
    b"Upgrade: h2c", b"?watch=1", b"%", b";", b" ",
])  # fmt: skip


def test_assembled_nonsense(fuzzed: RunningServer) -> None:
    """Pieces of HTTP in any order never fail the server."""

    @hypothesis.settings(
        max_examples=40, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @hypothesis.given(st.lists(PIECES | st.binary(max_size=20), max_size=20))
    def send(pieces: list[bytes]) -> None:
        answer = exchange(fuzzed, b"".join(pieces) + b"\r\n\r\nx / y\r\n\r\n")
        assert not answer.startswith(b"HTTP/1.1 5"), answer[:500]

    send()
