"""Profiling pages: for whom, where and what."""

from __future__ import annotations

import gzip
import http.client
import socket
import stat
from collections.abc import Callable
from pathlib import Path

from kubern.apimachinery.protobuf.wire import fields
from kubern.testing.servers import RunningServer

Start = Callable[..., RunningServer]


def test_profiles_are_for_administrators(start_server: Start) -> None:
    """The pages are behind authorization, and not in the index of paths."""
    server = start_server("--authorization-mode=RBAC", "--disable-plugins=aggregator,apiextensions")
    assert server.request("GET", "/debug/pprof/", token=None).status == 403
    page = server.request("GET", "/debug/pprof/")
    assert page.status == 200
    assert b"goroutine" in page.body
    assert server.request("GET", "/debug/pprof").headers["location"] == "/debug/pprof/"
    assert not [path for path in server.request("GET", "/").json()["paths"] if path.startswith("/debug")]


def test_a_profile_is_what_go_tool_pprof_reads(start_server: Start) -> None:
    """Samples, locations, functions and strings of a gzipped profile.proto; stacks as text with debug."""
    server = start_server("--disable-plugins=aggregator,apiextensions")
    answer = server.request("GET", "/debug/pprof/profile?seconds=0.3")
    assert answer.headers["content-type"] == "application/octet-stream"
    numbers = [number for number, _, _ in fields(gzip.decompress(answer.body))]
    assert {1, 2, 4, 5, 6, 9, 10, 11, 12} <= set(numbers)
    text = server.request("GET", "/debug/pprof/profile?seconds=0.2&debug=1").body.decode()
    stack, _, count = text.splitlines()[0].rpartition(" ")
    assert ";" in stack
    assert int(count) > 0
    assert server.request("GET", "/debug/pprof/profile?seconds=x").status == 400


def test_tasks_objects_and_the_command_line(start_server: Start) -> None:
    """The other profiles are text."""
    server = start_server("--disable-plugins=aggregator,apiextensions")
    assert b" tasks\n" in server.request("GET", "/debug/pprof/goroutine?debug=1").body
    assert b"objects tracked" in server.request("GET", "/debug/pprof/heap").body
    assert server.request("GET", "/debug/pprof/cmdline").body
    assert server.request("GET", "/debug/pprof/teapot").status == 404


def test_without_profiling_there_are_no_pages(start_server: Start) -> None:
    """--profiling=false"""
    server = start_server("--profiling=false", "--disable-plugins=aggregator,apiextensions")
    assert server.request("GET", "/debug/pprof/").status == 404


def test_verbosity_can_be_changed(start_server_process: Start) -> None:
    """PUT /debug/flags/v takes a number and nothing else."""
    server = start_server_process("--disable-plugins=aggregator,apiextensions")
    answer = server.request("PUT", "/debug/flags/v", b"4")
    assert (answer.status, answer.body) == (200, b"successfully set klog.logging.verbosity to 4")
    assert server.request("PUT", "/debug/flags/v", b"loud").status == 400
    assert server.request("GET", "/debug/flags/v").status == 406


def test_the_debug_socket_needs_no_credentials(start_server: Start, tmp_path: Path) -> None:
    """Only the owner may open the file; the pages are there, the API is not; it goes with the server."""
    path = tmp_path / "debug.sock"
    start_server(f"--debug-socket-path={path}", "--disable-plugins=aggregator,apiextensions")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert _over(path, "/debug/pprof/")[0] == 200
    assert _over(path, "/api/v1/namespaces")[0] == 404


def _over(path: Path, url: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("localhost", timeout=10)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(path))
    connection.request("GET", url)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body
