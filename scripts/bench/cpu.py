"""CPU time per request, in one process and without sockets: figures that busy neighbours hardly disturb.

    .venv/bin/python -m scripts.bench.cpu [--pods 5000] [CASE ...]

The application is called as uvicorn would call it, storage is in memory. The least and the median of many batches are
printed; compare the least. Next: `requests.py`, the requests.
"""

from __future__ import annotations

import argparse
import asyncio
import pathlib
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from bench.cases import NAMESPACE
from bench.client import request
from bench.requests import Requests, pod

TOKEN = "bench-token"
BATCHES = 40
SLOW = frozenset({"list_pods", "list_pods_compressed", "list_page", "list_selected", "list_table"})
CASES = (
    "get_pod", "create_pod", "create_map", "merge_patch", "apply", "delete_pod", "list_pods", "list_page",
    "list_selected", "list_table",
)  # fmt: skip


async def answer(app: Any, raw: bytes) -> int:
    """The status of the answer to the bytes of a request."""
    head, _, body = raw.partition(b"\r\n\r\n")
    line, *headers = head.split(b"\r\n")
    method, target, _ = line.decode().split(" ")
    path, _, query = target.partition("?")
    status = 0
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "scheme": "https",
        "client": ("127.0.0.1", 1),
        "headers": [(name.lower(), value) for name, _, value in (header.partition(b": ") for header in headers)],
        "state": {},
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, send)
    return status


async def prepare(app: Any, pods: int) -> None:
    """A namespace with pods."""
    body = b'{"metadata":{"name":"%s"}}' % NAMESPACE.encode()
    await answer(app, request("POST", "/api/v1/namespaces", TOKEN, body))
    path = f"/api/v1/namespaces/{NAMESPACE}"
    await answer(app, request("POST", f"{path}/serviceaccounts", TOKEN, b'{"metadata":{"name":"default"}}'))
    for n in range(pods):
        status = await answer(app, request("POST", f"{path}/pods", TOKEN, pod(f"pod-{n}")))
        if status != 201:
            raise RuntimeError(f"cannot create pods: {status}")


async def measure(app: Any, make: Callable[[], bytes | None], size: int) -> list[float]:
    """Seconds of CPU per request, one figure for each batch of `size` requests."""
    figures = []
    for _ in range(BATCHES if size > 1 else BATCHES // 4):
        asked = [raw for raw in (make() for _ in range(size)) if raw is not None]
        began = time.process_time()
        for raw in asked:
            status = await answer(app, raw)
            if status not in (200, 201):
                raise RuntimeError(f"{raw[:100]!r} was answered with {status}")
        figures.append((time.process_time() - began) / max(len(asked), 1))
    return figures


async def with_application(directory: pathlib.Path, use: Callable[[Any], Awaitable[None]]) -> None:
    """Call `use` with a started application that listens nowhere."""
    from kubern.chain import create_server_chain
    from kubern.cli import load
    from kubern.config import Config
    from kubern.startup import prepare as complete

    (directory / "tokens.csv").write_text(f'{TOKEN},bench,bench-uid,"system:masters"\n')
    flags = [
        f"--data-dir={directory / 'data'}",
        f"--token-auth-file={directory / 'tokens.csv'}",
        "--storage-backend=memory",
        "--authorization-mode=Node,RBAC",
    ]
    completed = complete(*load(flags))
    config = await Config(completed, completed.plugins).complete()
    config.secure_port = 443  # what bootstrap objects say of a server that listens nowhere
    prepared = create_server_chain(config).prepare_run()
    await prepared.run_post_start_hooks()
    try:
        await use(prepared.app)
    finally:
        await prepared.close()


async def run(cases: list[str], pods: int, directory: pathlib.Path) -> None:
    async def use(app: Any) -> None:
        await prepare(app, pods)
        ask = Requests(TOKEN, NAMESPACE, pods)
        print("| request | least us | median us |\n|---|---|---|")
        for case in cases:
            figures = await measure(app, getattr(ask, case), 1 if case in SLOW else 25)
            print(f"| {case} | {min(figures) * 1e6:,.0f} | {statistics.median(figures) * 1e6:,.0f} |", flush=True)

    await with_application(directory, use)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pods", type=int, default=5000)
    parser.add_argument("cases", nargs="*", default=list(CASES))
    args = parser.parse_args()
    import uvloop

    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(args.cases, args.pods, pathlib.Path(folder)))


if __name__ == "__main__":
    main()
