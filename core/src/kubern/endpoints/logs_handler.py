"""/logs: the files below /var/log, for --enable-logs-handler (upstream: routes.Logs)."""

from __future__ import annotations

import html
import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from kubern.endpoints.asgi import send_bytes, send_text
from kubern.endpoints.director import method_not_allowed

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Scope, Send
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer

CHUNK = 1 << 16
LOG_DIRECTORY = Path("/var/log")


def install_logs_handler(server: GenericAPIServer, directory: Path = LOG_DIRECTORY) -> None:
    """Serve `directory` at /logs/."""
    handler = LogsHandler(directory)
    server.paths["/logs"] = handler.serve
    server.path_prefixes["/logs/"] = handler.serve


class LogsHandler:
    """Files whole, directories as lists of links; nothing outside of the directory, also not by symbolic links."""

    def __init__(self, directory: Path) -> None:
        self._root = directory.resolve()

    async def serve(self, ctx: RequestContext, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET /logs/PATH."""
        if scope["method"] not in ("GET", "HEAD"):
            raise method_not_allowed()
        relative = unquote(scope["path"].removeprefix("/logs")).strip("/")
        path = self._inside(relative)
        if path is None:
            await send_text(send, 404, "404 page not found\n")
        elif path.is_dir():
            await self._directory(path, scope["path"], send)
        else:
            await _file(path, send)

    def _inside(self, relative: str) -> Path | None:
        if "\0" in relative:
            return None
        path = (self._root / relative).resolve()
        return path if path.is_relative_to(self._root) and path.exists() else None

    async def _directory(self, path: Path, url: str, send: Send) -> None:
        if not url.endswith("/"):
            await send_bytes(send, 301, b"text/plain; charset=utf-8", b"", [(b"location", f"{quote(url)}/".encode())])
            return
        names = sorted(entry.name + ("/" if entry.is_dir() else "") for entry in path.iterdir())
        links = "".join(f'<a href="{quote(name)}">{html.escape(name)}</a>\n' for name in names)
        body = f'<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n{links}</pre>\n'
        await send_bytes(send, 200, b"text/html; charset=utf-8", body.encode())


async def _file(path: Path, send: Send) -> None:
    kind = mimetypes.guess_type(path.name)[0] or "text/plain; charset=utf-8"
    try:
        with path.open("rb") as file:
            headers = [(b"content-type", kind.encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            while chunk := file.read(CHUNK):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
    except PermissionError:
        await send_text(send, 403, "403 Forbidden\n")
        return
    await send({"type": "http.response.body", "body": b""})
