"""Another server that kubern calls: answers JSON with JSON over TLS, and has a kubeconfig for its clients."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from kubern.util.certificates import new_ca, new_certificate

Answer = Callable[[Any], tuple[int, Any]]
KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{name: there, cluster: {server: "https://127.0.0.1:PORT/hook", certificate-authority: CA}}]
users: [{name: us, user: {token: secret}}]
contexts: [{name: here, context: {cluster: there, user: us}}]
current-context: here
"""


class JSONServer:
    """What was asked, in order, and how clients are told to ask."""

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        self.requests: list[Any] = []


@contextlib.contextmanager
def json_server(directory: Path, answer: Answer) -> Iterator[JSONServer]:
    """Serve on a free port of this machine; `answer` maps a request's document to status and document."""
    ca = new_ca("authority")
    pair = new_certificate(ca, "there", names=("127.0.0.1",), server=True)
    for name, content in (("ca.crt", ca.cert), ("there.crt", pair.cert), ("there.key", pair.key)):
        (directory / name).write_bytes(content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "there.crt", directory / "there.key")
    server = JSONServer(directory / "there.kubeconfig")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests.append(document)
            status, reply = answer(document)
            body = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        http.socket = context.wrap_socket(http.socket, server_side=True)
        text = KUBECONFIG.replace("PORT", str(http.server_port)).replace("CA", str(directory / "ca.crt"))
        server.kubeconfig.write_text(text)
        threading.Thread(target=http.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            http.shutdown()
