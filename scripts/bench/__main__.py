"""Runs the benchmark and prints a Markdown table; `--server URL --token T` measures another server instead."""

from __future__ import annotations

import argparse
import asyncio
import pathlib
import socket
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from bench.cases import Row, closed_loop, server_cases, target
from bench.client import request
from bench.definitions import measure
from bench.servers import TOKEN, kubern_server, raw_server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def print_rows(rows: list[Row], raw: float) -> None:
    print("| case | per second | p50 ms | p99 ms | share of raw | |\n|---|---|---|---|---|---|")
    for row in rows:
        share = f"{row.per_second / raw:.2f}" if raw else ""
        print(f"| {row.case} | {row.per_second:,.1f} | {row.p50:.2f} | {row.p99:.1f} | {share} | {row.note} |")


def run(coroutine: object) -> list[Row]:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(coroutine)  # type: ignore[arg-type]


async def raw_cases(port: int, seconds: float) -> list[Row]:
    to = target("127.0.0.1", port, "")
    ask = request("GET", "/", "")
    return [await closed_loop(to, "bare ASGI answer of 3 KB", lambda: ask, n, seconds) for n in (32, 1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pods", type=int, default=5000)
    parser.add_argument("--definitions", type=int, default=500, help="0 leaves them out")
    parser.add_argument("--seconds", type=float, default=6.0, help="per case")
    parser.add_argument("--server", help="URL of a running server, instead of starting one")
    parser.add_argument("--token", default=TOKEN)
    args = parser.parse_args()
    if args.server:
        url = urllib.parse.urlsplit(args.server)
        print_rows(
            run(server_cases(target(url.hostname or "", url.port or 443, args.token), args.pods, args.seconds)), 0
        )
        return
    with kubern_server(free_port()) as server:
        idle = server.resident_mb()
        with raw_server(free_port(), *certificate(server.data_dir)) as raw:
            yardstick = run(raw_cases(raw.port, args.seconds))
        rows = run(server_cases(target("127.0.0.1", server.port, TOKEN), args.pods, args.seconds))
        print_rows(yardstick + rows, yardstick[0].per_second)
        print(f"\nstart to /readyz ok: {server.ready_seconds:.2f} s (first start, with key generation)")
        print(f"resident memory: {idle:.0f} MB idle, {server.resident_mb():.0f} MB after the cases")
    if args.definitions:
        found, notes = measure(free_port(), args.definitions)
        print()
        print_rows(found, 0)
        print("\n" + "\n".join(notes))


def certificate(data_dir: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    """The serving certificate and key that the server made for itself."""
    found = {p.suffix: p for p in data_dir.rglob("apiserver.*")}
    return found[".crt"], found[".key"]


if __name__ == "__main__":
    main()
