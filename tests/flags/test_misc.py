"""Flags about services, nodes, events and the control plane."""

from __future__ import annotations

from collections.abc import Callable

from kubern.testing.servers import RunningServer

Start = Callable[..., RunningServer]
LEAN = "--disable-plugins=aggregator,apiextensions"


def test_the_logs_handler(start_server: Start) -> None:
    """/logs lists /var/log, shows its files, and never leaves it."""
    server = start_server(LEAN, "--enable-logs-handler")
    listing = server.request("GET", "/logs/")
    assert listing.status == 200
    assert b"<pre>" in listing.body
    for path in ("/logs/../../etc/passwd", "/logs/..%2f..%2fetc/passwd", "/logs/no-such-file"):
        assert server.request("GET", path).status == 404
    assert server.request("GET", "/logs", token=None).status == 401


def test_there_is_no_logs_handler_by_default(server: RunningServer) -> None:
    """Nothing at /logs."""
    assert server.request("GET", "/logs/").status == 404
