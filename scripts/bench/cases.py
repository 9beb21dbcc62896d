"""The cases of the benchmark. Each runs for a fixed time and returns one row."""

from __future__ import annotations

import asyncio
import itertools
import ssl
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

from bench.client import Connection, client_context, request
from bench.requests import Requests, pod

NAMESPACE = "bench"
WATCHED = "bench-watched"
"""The namespace of the one config map that is watched."""
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"


class Row(NamedTuple):
    """One line of the result: operations per second and milliseconds."""

    case: str
    per_second: float
    p50: float
    p99: float
    note: str = ""


class Target(NamedTuple):
    """A server to load."""

    host: str
    port: int
    token: str
    context: ssl.SSLContext


def target(host: str, port: int, token: str) -> Target:
    return Target(host, port, token, client_context())


def percentiles(times: list[float]) -> tuple[float, float]:
    """(p50, p99) in milliseconds."""
    if not times:
        return 0.0, 0.0
    times.sort()
    return statistics.median(times) * 1000, times[min(len(times) - 1, int(len(times) * 0.99))] * 1000


async def closed_loop(
    to: Target,
    case: str,
    make: Callable[[], bytes | None],
    clients: int,
    seconds: float,
    accept: tuple[int, ...] = (200, 201),
) -> Row:
    """`clients` connections, each sending its next request when it has the answer to the last.

    It ends after `seconds`, or when `make` has no request left (None).
    """
    times: list[float] = []
    failures: list[int] = []
    received = 0
    stop = time.perf_counter() + seconds

    async def one() -> None:
        nonlocal received
        connection = await Connection.open(to.host, to.port, to.context)
        while time.perf_counter() < stop and (ask := make()) is not None:
            began = time.perf_counter()
            status, body = await connection.ask(ask)
            times.append(time.perf_counter() - began)
            received += len(body)
            if status not in accept:
                failures.append(status)
        connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(clients)))
    took = time.perf_counter() - began
    count = len(times)
    p50, p99 = percentiles(times)
    note = f"{received / max(count, 1) / 1024:.0f} KB"
    if failures:
        note += f", {len(failures)} failed ({sorted(set(failures))})"
    return Row(f"{case}, {clients} client{'s' if clients > 1 else ''}", count / took, p50, p99, note)


async def prepare(to: Target, pods: int) -> None:
    """Two namespaces, one of them with pods."""
    connection = await Connection.open(to.host, to.port, to.context)
    for namespace in (NAMESPACE, WATCHED):
        body = b'{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"%s"}}' % namespace.encode()
        await connection.ask(request("POST", "/api/v1/namespaces", to.token, body))
    account = b'{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default"}}'
    await connection.ask(request("POST", f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts", to.token, account))
    connection.close()
    names = iter(range(pods))

    async def fill() -> None:
        connection = await Connection.open(to.host, to.port, to.context)
        for i in names:
            status, answer = await connection.ask(request("POST", PODS, to.token, pod(f"pod-{i}")))
            if status not in (201, 409):
                raise RuntimeError(f"cannot create pods: {status} {answer[:300]!r}")
        connection.close()

    await asyncio.gather(*(fill() for _ in range(16)))


async def fan_out(to: Target, watchers: int, seconds: float) -> Row:
    """One writer, many watchers of the same namespace's config maps."""
    maps = f"/api/v1/namespaces/{WATCHED}/configmaps"
    latencies: list[float] = []
    sent: dict[bytes, float] = {}
    received = 0

    async def watch(ready: asyncio.Event) -> None:
        nonlocal received
        connection = await Connection.open(to.host, to.port, to.context)
        connection.send(request("GET", f"{maps}?watch=1&resourceVersion=0", to.token))
        _, _ = await connection.head()
        ready.set()
        while (chunk := await connection.chunk()) is not None:
            now = time.perf_counter()
            for line in chunk.splitlines():
                at = line.find(b'"stamp":"')
                if at >= 0:
                    began = sent.get(line[at + 9 : line.index(b'"', at + 9)])
                    if began is not None:
                        received += 1
                        latencies.append(now - began)

    ready = [asyncio.Event() for _ in range(watchers)]
    tasks = [asyncio.create_task(watch(event)) for event in ready]
    await asyncio.gather(*(event.wait() for event in ready))
    connection = await Connection.open(to.host, to.port, to.context)
    await connection.ask(request("POST", maps, to.token, b'{"metadata":{"name":"stamped"},"data":{"stamp":"0"}}'))
    began = time.perf_counter()
    writes = 0
    for i in itertools.count(1):
        if time.perf_counter() - began > seconds:
            break
        stamp = b"%d" % i
        sent[stamp] = time.perf_counter()
        body = b'{"data":{"stamp":"%b"}}' % stamp
        path = f"{maps}/stamped"
        await connection.ask(request("PATCH", path, to.token, body, "application/merge-patch+json"))
        writes += 1
    await asyncio.sleep(0.5)
    took = time.perf_counter() - began - 0.5
    for task in tasks:
        task.cancel()
    p50, p99 = percentiles(latencies)
    return Row(
        f"watch fan-out, {watchers} watchers (events/s)", received / took, p50, p99, f"{writes / took:.0f} writes/s"
    )


async def beside_lists(to: Target, ask: Requests, seconds: float) -> Row:
    """Single gets while two clients read whole lists: how long a short request waits for a long one."""
    lists = asyncio.create_task(closed_loop(to, "LIST", ask.list_pods, 2, seconds + 1))
    await asyncio.sleep(0.5)
    row = await closed_loop(to, "GET a pod beside two clients that LIST all", ask.get_pod, 4, seconds)
    await lists
    return row


async def server_cases(to: Target, pods: int, seconds: float) -> list[Row]:
    """Everything that is measured on a Kubernetes API server."""
    await prepare(to, pods)
    ask = Requests(to.token, NAMESPACE, pods)
    rows = [
        await closed_loop(to, case, make, clients, seconds)
        for case, make, clients in (
            ("GET a pod", ask.get_pod, 32),
            ("GET a pod", ask.get_pod, 1),
            (f"LIST {pods} pods", ask.list_pods, 2),
            (f"LIST {pods} pods, gzip", ask.list_pods_compressed, 2),
            ("LIST limit=500", ask.list_page, 8),
            ("LIST by label selector", ask.list_selected, 8),
            (f"LIST {pods} pods as Table", ask.list_table, 2),
            ("CREATE pod", ask.create_pod, 32),
            ("CREATE pod", ask.create_pod, 1),
            ("CREATE config map", ask.create_map, 32),
            ("merge PATCH of a pod", ask.merge_patch, 32),
            ("server-side apply on a pod", ask.apply, 32),
            ("mixed: 6 GET, 2 PATCH, 1 CREATE, 1 LIST limit=500", ask.mixed, 32),
            ("DELETE pod", ask.delete_pod, 32),
        )
    ]
    rows.append(await beside_lists(to, ask, seconds))
    rows.append(await fan_out(to, 100, seconds))
    rows.append(await fan_out(to, 1000, seconds))
    return rows
