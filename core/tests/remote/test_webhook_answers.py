"""What is said of webhooks whose answers are of no use: client-go's words."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from kubern.remote.webhook import WebhookClient, WebhookError, WebhookTarget
from kubern.util.certificates import new_ca, new_certificate


class _Answer(NamedTuple):
    status: int
    content_type: str
    body: bytes


class _Server(NamedTuple):
    url: str
    ca: bytes
    answers: list[_Answer]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Server]:
    """Gives the last of its answers to every POST."""
    directory: Path = tmp_path_factory.mktemp("pki")
    ca = new_ca("webhooks")
    pair = new_certificate(ca, "hook", names=["127.0.0.1"], server=True)
    (directory / "server.crt").write_bytes(pair.cert)
    (directory / "server.key").write_bytes(pair.key)
    answers: list[_Answer] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            answer = answers[-1]
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.body)))
            if answer.content_type:
                self.send_header("Content-Type", answer.content_type)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "server.crt", directory / "server.key")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        http.socket = context.wrap_socket(http.socket, server_side=True)
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield _Server(f"https://127.0.0.1:{http.server_address[1]}", ca.cert, answers)
        http.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            _Answer(500, "text/plain", b" boom\n"),
            'an error on the server ("boom") has prevented the request from succeeding',
        ),
        (
            _Answer(502, "application/json", b"{}"),
            'an error on the server ("unknown") has prevented the request from succeeding',
        ),
        (_Answer(500, "application/json", b'{"kind": "Status", "message": "own words"}'), "own words"),
        (_Answer(403, "", b"go away"), "go away"),
        (_Answer(403, "application/json", b"{}"), "unknown"),
        (_Answer(404, "text/plain", b"x"), "the server could not find the requested resource"),
        (_Answer(422, "text/plain", b"x"), "the server rejected our request due to an error in our request"),
        (
            _Answer(429, "text/plain", b"x"),
            "the server has received too many requests and has asked us to try again later",
        ),
        (
            _Answer(418, "text/plain", b"x"),
            "the server responded with the status code 418 but did not return more information",
        ),
        (_Answer(200, "", b""), "0-length response with status code: 200 and content type: application/json"),
        (_Answer(200, "text/html", b""), "0-length response with status code: 200 and content type: text/html"),
        (
            _Answer(200, "text/plain", b"hello"),
            "couldn't get version/kind; json parse error: invalid character 'h' looking for beginning of value",
        ),
    ],
)
async def test_useless_answers(server: _Server, answer: _Answer, text: str) -> None:
    """An error status, an empty body and what is no JSON are told apart; texts are shown, other bodies are not."""

    async def resolve(namespace: str, name: str, port: int) -> tuple[str, int]:
        raise AssertionError("the target has a URL")

    server.answers.append(answer)
    client = WebhookClient(WebhookTarget(url=server.url, ca_bundle=server.ca), resolve)
    with pytest.raises(WebhookError) as caught:
        await client.post({}, 5)
    client.close()
    assert str(caught.value) == text
