"""A real admission webhook for tests: HTTPS with client certificates, in a thread; a function per path answers."""

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


class WebhookServer:
    """`respond["/path"]` gets a review's request and gives the response; `seen` are the reviews that came."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.respond: dict[str, Respond] = {}
        self.seen: list[Object] = []
        self.clients: list[str] = []


@contextlib.contextmanager
def webhook_server(pki: Path) -> Iterator[WebhookServer]:
    """Serves with `server.crt` of the directory, and wants clients' certificates of its CA."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            hooks.seen.append(review)
            certificate = self.connection.getpeercert()
            hooks.clients.append(dict(part[0] for part in certificate["subject"])["commonName"])
            response = hooks.respond[self.path.split("?")[0]](review["request"])
            response.setdefault("uid", review["request"]["uid"])
            answer = {"apiVersion": review["apiVersion"], "kind": "AdmissionReview", "response": response}
            body = json.dumps(answer).encode()
            with contextlib.suppress(OSError):
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / "server.crt", pki / "server.key")
    context.load_verify_locations(pki / "ca.crt")
    context.verify_mode = ssl.CERT_REQUIRED
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        http.socket = context.wrap_socket(http.socket, server_side=True)
        hooks = WebhookServer(f"https://127.0.0.1:{http.server_address[1]}")
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield hooks
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
