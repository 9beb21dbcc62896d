"""The cases of the benchmark. Each runs for a fixed time and returns one row."""

from __future__ import annotations

import asyncio
import itertools
import json
import ssl
import statistics
import time
import zlib
from collections.abc import Callable
from typing import NamedTuple

from bench.client import Connection, client_context, request

NAMESPACE = "bench"
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


def pod(name: str) -> bytes:
    """A pod of about 1.4 KB as sent."""
    container = {
        "name": "main",
        "image": "registry.example.com/app:1.2.3",
        "ports": [{"containerPort": 8080, "name": "http"}],
        "env": [{"name": f"VARIABLE_{i}", "value": f"value number {i} of the pod"} for i in range(10)],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
    }
    labels = {"app": "bench", "shard": f"s{zlib.crc32(name.encode()) % 10}"}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": labels, "annotations": {"note": "made by the benchmark"}},
            "spec": {
                "automountServiceAccountToken": False,
                "containers": [container],
                "nodeSelector": {"disk": "ssd"},
            },
        }
    ).encode()


def percentiles(times: list[float]) -> tuple[float, float]:
    """(p50, p99) in milliseconds."""
    if not times:
        return 0.0, 0.0
    times.sort()
    return statistics.median(times) * 1000, times[min(len(times) - 1, int(len(times) * 0.99))] * 1000


async def closed_loop(
    to: Target, case: str, make: Callable[[], bytes], clients: int, seconds: float, accept: tuple[int, ...] = (200, 201)
) -> Row:
    """`clients` connections, each sending its next request when it has the answer to the last."""
    times: list[float] = []
    failures: list[int] = []
    received = 0
    stop = time.perf_counter() + seconds

    async def one() -> None:
        nonlocal received
        connection = await Connection.open(to.host, to.port, to.context)
        while time.perf_counter() < stop:
            began = time.perf_counter()
            status, body = await connection.ask(make())
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
    """A namespace with pods."""
    connection = await Connection.open(to.host, to.port, to.context)
    body = b'{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"%s"}}' % NAMESPACE.encode()
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
    maps = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
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


async def server_cases(to: Target, pods: int, seconds: float) -> list[Row]:
    """Everything that is measured on a Kubernetes API server."""
    await prepare(to, pods)
    rows = []
    counter = itertools.count()
    targets = itertools.cycle(range(pods))

    def get_pod() -> bytes:
        return request("GET", f"{PODS}/pod-{next(targets)}", to.token)

    def create_pod() -> bytes:
        return request("POST", PODS, to.token, pod(f"new-{next(counter)}"))

    def create_map() -> bytes:
        name = f"map-{next(counter)}"
        body = b'{"metadata":{"name":"%s"},"data":{"key":"%s"}}' % (name.encode(), b"x" * 700)
        return request("POST", f"/api/v1/namespaces/{NAMESPACE}/configmaps", to.token, body)

    def patch_pod() -> bytes:
        body = b'{"metadata":{"annotations":{"note":"%d"}}}' % next(counter)
        return request("PATCH", f"{PODS}/pod-{next(targets)}", to.token, body, "application/merge-patch+json")

    def apply_pod() -> bytes:
        body = b'{"apiVersion":"v1","kind":"Pod","metadata":{"name":"pod-%d","annotations":{"applied":"%d"}}}' % (
            target_id := next(targets),
            next(counter),
        )
        path = f"{PODS}/pod-{target_id}?fieldManager=bench&force=true"
        return request("PATCH", path, to.token, body, "application/apply-patch+yaml")

    table = "Accept: application/json;as=Table;v=v1;g=meta.k8s.io\r\n"
    lists = [
        (f"LIST {pods} pods", request("GET", PODS, to.token), 2),
        (f"LIST {pods} pods, gzip", request("GET", PODS, to.token, extra="Accept-Encoding: gzip\r\n"), 2),
        ("LIST limit=500", request("GET", f"{PODS}?limit=500", to.token), 8),
        ("LIST by label selector", request("GET", f"{PODS}?labelSelector=shard%3Ds1", to.token), 8),
        (
            f"LIST {pods} pods as Table",
            request("GET", PODS, to.token, extra=table).replace(b"Accept: application/json\r\n", b""),
            2,
        ),
    ]
    rows.append(await closed_loop(to, "GET a pod", get_pod, 32, seconds))
    rows.append(await closed_loop(to, "GET a pod", get_pod, 1, seconds))
    for case, ask, clients in lists:
        rows.append(await closed_loop(to, case, lambda ask=ask: ask, clients, seconds))
    rows.append(await closed_loop(to, "CREATE pod", create_pod, 32, seconds))
    rows.append(await closed_loop(to, "CREATE pod", create_pod, 1, seconds))
    rows.append(await closed_loop(to, "CREATE config map", create_map, 32, seconds))
    rows.append(await closed_loop(to, "merge PATCH of a pod", patch_pod, 32, seconds))
    rows.append(await closed_loop(to, "server-side apply on a pod", apply_pod, 32, seconds))
    rows.append(await fan_out(to, 100, seconds))
    return rows
