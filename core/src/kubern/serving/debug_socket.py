"""The debug pages on a Unix socket, without authentication: who may open the file may look (upstream: DebugSocket)."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path

from kubern.endpoints.debug_pages import serve_debug_page
from kubern.serving.http import HTTPServer

DRAIN = 1.0
"""Seconds that a page in the making gets at the end."""


@contextlib.asynccontextmanager
async def debug_socket(path: str) -> AsyncIterator[None]:
    """Serve at `path`, for the owner of the process alone; "" serves nowhere. Raises OSError."""
    if not path:
        yield
        return
    _remove_stale(Path(path))
    listener = socket.socket(socket.AF_UNIX)
    with listener:
        listener.bind(path)
        os.chmod(path, 0o600)
        listener.listen()
        listener.setblocking(False)
        http = HTTPServer(serve_debug_page)
        await http.listen(listener, None)
        try:
            yield
        finally:
            http.stop_listening()
            http.close_idle()
            await http.drain(DRAIN)
            Path(path).unlink(missing_ok=True)


def _remove_stale(path: Path) -> None:
    """A socket file that an earlier process left; anything else stays and makes bind fail."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.stat().st_mode):
            path.unlink()
