"""Flags of the generic server."""

from __future__ import annotations

import time
from collections.abc import Callable

from kubern.testing.servers import RunningServer

Start = Callable[..., RunningServer]
LEAN = "--disable-plugins=aggregator,apiextensions"


def test_cors(start_server: Start) -> None:
    """Allowed origins get their headers and preflights an answer before authentication; others get neither."""
    server = start_server(LEAN, r"--cors-allowed-origins=^https?://(www\.)?example\.com$")
    allowed = {"Origin": "https://www.example.com"}
    preflight = server.request("OPTIONS", "/api/v1/namespaces", headers=allowed, token=None)
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-methods"] == "POST, GET, OPTIONS, PUT, DELETE, PATCH"
    answer = server.request("GET", "/api/v1/namespaces", headers=allowed)
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "https://www.example.com"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["vary"] == "Origin"
    refused = server.request("GET", "/version", headers=allowed, token="wrong")
    assert (refused.status, refused.headers["access-control-allow-origin"]) == (401, "https://www.example.com")
    for origin in ("https://example.com.evil.org", "null"):
        other = server.request("GET", "/api/v1/namespaces", headers={"Origin": origin})
        assert other.status == 200
        assert "access-control-allow-origin" not in other.headers


def test_without_cors_origins_mean_nothing(server: RunningServer) -> None:
    """No flag, no header, and a preflight is an ordinary request."""
    answer = server.request("OPTIONS", "/version", headers={"Origin": "https://example.com"})
    assert "access-control-allow-origin" not in answer.headers
    assert answer.status != 204


def test_watches_without_a_timeout_end_by_themselves(start_server: Start) -> None:
    """--min-request-timeout seconds at the earliest, twice as many at the latest."""
    server = start_server(LEAN, "--min-request-timeout=1")
    begun = time.monotonic()
    answer = server.request("GET", "/api/v1/namespaces/default/configmaps?watch=true")
    assert answer.status == 200
    assert 1 <= time.monotonic() - begun < 10
