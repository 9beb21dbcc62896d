"""Real webhooks for tests, over HTTPS in a thread: admission with a function per path, conversion with one for all."""

from __future__ import annotations

import base64
import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Object = dict[str, Any]
Respond = Callable[[Object], Object]
Answer = Callable[[Object], "Object | tuple[int, bytes]"]


class WebhookServer:
    """`respond["/path"]` gets a review's request and gives the response; `seen` are the reviews that came."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.respond: dict[str, Respond] = {}
        self.seen: list[Object] = []
        self.clients: list[str] = []


class ConversionServer:
    """`answer` gets a ConversionReview and gives a document, or a status and raw bytes; `seen` are the reviews."""

    def __init__(self, port: int, answer: Answer) -> None:
        self.port = port
        self.answer = answer
        self.seen: list[Object] = []

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


@contextlib.contextmanager
def webhook_server(pki: Path, *, client_certificates: bool = True) -> Iterator[WebhookServer]:
    """Serves with `server.crt` of the directory, and wants clients' certificates of its CA unless told otherwise."""

    def handle(handler: BaseHTTPRequestHandler, review: Object) -> tuple[int, bytes]:
        hooks.seen.append(review)
        certificate = handler.connection.getpeercert() or {"subject": ((("commonName", ""),),)}
        hooks.clients.append(dict(part[0] for part in certificate["subject"])["commonName"])
        response = hooks.respond[handler.path.split("?")[0]](review["request"])
        response.setdefault("uid", review["request"]["uid"])
        answer = {"apiVersion": review["apiVersion"], "kind": "AdmissionReview", "response": response}
        return 200, json.dumps(answer).encode()

    context = _context(pki)
    context.load_verify_locations(pki / "ca.crt")
    context.verify_mode = ssl.CERT_REQUIRED if client_certificates else ssl.CERT_NONE
    with _serving(context, handle) as port:
        hooks = WebhookServer(f"https://127.0.0.1:{port}")
        yield hooks


@contextlib.contextmanager
def conversion_server(pki: Path, answer: Answer) -> Iterator[ConversionServer]:
    """Serves conversions with `server.crt` of the directory."""

    def handle(handler: BaseHTTPRequestHandler, review: Object) -> tuple[int, bytes]:
        server.seen.append(review)
        given = server.answer(review)
        return given if isinstance(given, tuple) else (200, json.dumps(given).encode())

    with _serving(_context(pki), handle) as port:
        server = ConversionServer(port, answer)
        yield server


def converting(change: Callable[[Object, str], Object]) -> Answer:
    """An answer that puts every object through `change(object, its new version)`, which may change it in place."""

    def answer(review: Object) -> Object:
        request = review["request"]
        wanted = request["desiredAPIVersion"]
        objects = [{**change(obj, wanted), "apiVersion": wanted} for obj in request["objects"]]
        response = {"uid": request["uid"], "result": {"status": "Success"}, "convertedObjects": objects}
        return {"apiVersion": review["apiVersion"], "kind": review["kind"], "response": response}

    return answer


def _context(pki: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / "server.crt", pki / "server.key")
    return context


@contextlib.contextmanager
def _serving(
    context: ssl.SSLContext, handle: Callable[[BaseHTTPRequestHandler, Object], tuple[int, bytes]]
) -> Iterator[int]:
    """Answer every POST with the status and body that `handle` gives; yields the port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            status, body = handle(self, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            with contextlib.suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        http.socket = context.wrap_socket(http.socket, server_side=True)
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield http.server_address[1]
        finally:
            http.shutdown()
            thread.join()


def allowed(**more: Any) -> Respond:
    """A webhook that says yes."""
    return lambda request: {"allowed": True, **more}


def patched(*operations: Object) -> Respond:
    """A webhook that says yes and changes the object."""
    patch = base64.b64encode(json.dumps(operations).encode()).decode()
    return allowed(patch=patch, patchType="JSONPatch")
