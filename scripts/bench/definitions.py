"""500 CustomResourceDefinitions: what it takes to make, serve, change and load them.

They are those of projects in the field (`build_field_definitions.py`), again and again in groups of their own.
Next: `servers.py`.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import pathlib
import tempfile
import time
from typing import Any

from bench.cases import Row, Target, percentiles, target
from bench.client import Connection, request
from bench.servers import TOKEN, kubern_server

Object = dict[str, Any]
FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "tests/integration/data/field-definitions.json.gz"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
EXAMPLES = 20
"""So many definitions are looked at one by one."""


def definitions(count: int) -> list[Object]:
    """So many different definitions."""
    models: list[Object] = json.loads(gzip.decompress(FIXTURES.read_bytes()))
    out = []
    for i in range(count):
        model = models[i % len(models)]
        group = f"g{i}.{model['spec']['group'].removesuffix('.k8s.io')}"
        name = f"{model['spec']['names']['plural']}.{group}"
        out.append({"metadata": {"name": name}, "spec": {**model["spec"], "group": group}})
    return out


def resource(crd: Object) -> str:
    """The path of a definition's objects."""
    spec = crd["spec"]
    version = next(v["name"] for v in spec["versions"] if v["storage"])
    return f"/apis/{spec['group']}/{version}/{spec['names']['plural']}"


class _Client:
    """One connection, one request at a time."""

    def __init__(self, connection: Connection, token: str) -> None:
        self.connection = connection
        self.token = token

    @classmethod
    async def open(cls, to: Target) -> _Client:
        return cls(await Connection.open(to.host, to.port, to.context), to.token)

    async def ask(self, method: str, path: str, body: Object | None = None, kind: str = "") -> tuple[int, bytes]:
        content = b"" if body is None else json.dumps(body).encode()
        extra = (kind,) if kind else ()
        return await self.connection.ask(request(method, path, self.token, content, *extra))

    async def until(self, method: str, path: str, wanted: bytes = b"") -> float:
        """Seconds until an answer is 200 and holds `wanted`."""
        began = time.perf_counter()
        while True:
            status, body = await self.ask(method, path)
            if status == 200 and wanted in body:
                return time.perf_counter() - began
            await asyncio.sleep(0.001)


def _row(case: str, times: list[float], took: float, note: str) -> Row:
    count = len(times)
    p50, p99 = percentiles(times)
    return Row(case, count / took, p50, p99, note)


async def _create(client: _Client, crds: list[Object]) -> Row:
    times = []
    began = time.perf_counter()
    for crd in crds:
        start = time.perf_counter()
        status, answer = await client.ask("POST", DEFINITIONS, crd)
        times.append(time.perf_counter() - start)
        if status != 201:
            raise RuntimeError(f"{crd['metadata']['name']}: {status} {answer[:300]!r}")
    size = sum(len(json.dumps(crd)) for crd in crds) / len(crds) / 1024
    return _row("CREATE definition, 1 client", times, time.perf_counter() - began, f"{size:.0f} KB each")


async def _created_to_served(client: _Client, crds: list[Object]) -> Row:
    times = []
    began = time.perf_counter()
    for crd in crds:
        start = time.perf_counter()
        await client.ask("POST", DEFINITIONS, crd)
        await client.until("GET", resource(crd))
        times.append(time.perf_counter() - start)
    return _row("definition created to served", times, time.perf_counter() - began, "")


async def _changed_to_published(client: _Client, crds: list[Object]) -> Row:
    """A new field until OpenAPI v3 of its version shows it."""
    times = []
    began = time.perf_counter()
    for i, crd in enumerate(crds):
        group, version = resource(crd).split("/")[2:4]
        path = f"{DEFINITIONS}/{crd['metadata']['name']}"
        at = next(n for n, v in enumerate(crd["spec"]["versions"]) if v["name"] == version)
        field = f"/spec/versions/{at}/schema/openAPIV3Schema/properties/added{i}"
        patch: Any = [{"op": "add", "path": field, "value": {"type": "string"}}]
        await client.ask("GET", f"/openapi/v3/apis/{group}/{version}")
        start = time.perf_counter()
        status, answer = await client.ask("PATCH", path, patch, "application/json-patch+json")
        if status != 200:
            raise RuntimeError(f"{crd['metadata']['name']}: {status} {answer[:300]!r}")
        await client.until("GET", f"/openapi/v3/apis/{group}/{version}", f'"added{i}"'.encode())
        times.append(time.perf_counter() - start)
    return _row("definition changed to published", times, time.perf_counter() - began, "OpenAPI v3")


async def _make(to: Target, crds: list[Object]) -> list[Row]:
    client = await _Client.open(to)
    rows = [await _create(client, crds[EXAMPLES:])]
    rows.append(await _created_to_served(client, crds[:EXAMPLES]))
    await client.until("GET", "/apis", f'"{crds[-1]["spec"]["group"]}"'.encode())
    rows.append(await _changed_to_published(client, crds[EXAMPLES : 2 * EXAMPLES]))
    client.connection.close()
    return rows


async def _first_list(to: Target, crds: list[Object]) -> float:
    client = await _Client.open(to)
    took = [await client.until("GET", resource(crd)) for crd in crds]
    client.connection.close()
    return max(took)


def measure(port: int, count: int) -> tuple[list[Row], list[str]]:
    """Rows of the table and lines below it."""
    crds = definitions(count)
    to = target("127.0.0.1", port, TOKEN)
    with tempfile.TemporaryDirectory() as folder:
        with kubern_server(port, folder=folder) as server:
            idle = server.resident_mb()
            rows = asyncio.run(_make(to, crds))
            made = server.resident_mb()
        with kubern_server(port, folder=folder) as server:
            ready, loaded = server.ready_seconds, server.resident_mb()
            slowest = asyncio.run(_first_list(to, crds[::25]))
    each = (loaded - idle) / count
    return rows, [
        f"start to /readyz ok with {count} definitions: {ready:.2f} s; first list after it: {slowest * 1000:.0f} ms at most",
        f"resident memory: {idle:.0f} MB without definitions, {made:.0f} MB when they had been made, {loaded:.0f} MB after a "
        f"restart: {each * 1024:.0f} KB for each",
    ]
