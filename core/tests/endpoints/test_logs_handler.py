"""Files and directories below the log directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kubern.apimachinery.errors import StatusError
from kubern.endpoints.logs_handler import LogsHandler


async def _get(handler: LogsHandler, path: str, method: str = "GET") -> tuple[int, dict[str, str], str]:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    await handler.serve(None, {"method": method, "path": path}, receive, send)  # type: ignore[arg-type]
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message["body"] for message in sent[1:]).decode()


async def test_files_and_directories(tmp_path: Path) -> None:
    """A directory is a list of links with its own closing slash, a file is its text."""
    (tmp_path / "pods").mkdir()
    (tmp_path / "a&b.log").write_text("line\n")
    handler = LogsHandler(tmp_path)
    status, _, body = await _get(handler, "/logs/")
    assert status == 200
    assert '<a href="a%26b.log">a&amp;b.log</a>\n<a href="pods/">pods/</a>\n' in body
    assert (await _get(handler, "/logs/a&b.log"))[::2] == (200, "line\n")
    status, headers, _ = await _get(handler, "/logs/pods")
    assert (status, headers["location"]) == (301, "/logs/pods/")


async def test_nothing_outside_is_served(tmp_path: Path) -> None:
    """Not by dots, not by links, and not for other methods."""
    root, secret = tmp_path / "log", tmp_path / "secret"
    root.mkdir()
    secret.write_text("secret")
    (root / "link").symlink_to(secret)
    handler = LogsHandler(root)
    for path in ("/logs/../secret", "/logs/link", "/logs/x\0y"):
        assert (await _get(handler, path))[0] == 404
    with pytest.raises(StatusError):
        await _get(handler, "/logs/", "POST")
