"""Which address an extension API server is reached at, and with which certificate."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kubern.chain import create_server_chain
from kubern.cli import load
from kubern.client.loopback import LoopbackClient
from kubern.config import Config
from kubern.startup import prepare
from kubern.util.certificates import new_ca, new_certificate
from kubern_aggregator.upstream import ResolveError, Upstreams

SPEC = {"service": {"namespace": "default", "name": "there", "port": 443}, "insecureSkipTLSVerify": True}


@contextlib.asynccontextmanager
async def _client(directory: Path) -> AsyncIterator[LoopbackClient]:
    """A chain that serves nobody, for its stores."""
    flags = [f"--data-dir={directory}", "--storage-backend=memory", "--secure-port=0"]
    completed = prepare(*load(flags))
    config = await Config(completed, completed.plugins).complete()
    prepared = create_server_chain(config).prepare_run()
    try:
        yield LoopbackClient(prepared.server)
    finally:
        await prepared.close()


async def _serve(client: LoopbackClient, *endpoints: dict[str, Any]) -> None:
    ports = [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 8443}, {"name": "other", "port": 80}]
    service = {
        "metadata": {"name": "there", "namespace": "default"},
        "spec": {"ports": ports, "clusterIP": "10.0.0.77"},
    }
    await client.create("", "services", service)
    slice_ = {
        "metadata": {"name": "s", "namespace": "default", "labels": {"kubernetes.io/service-name": "there"}},
        "addressType": "IPv4", "endpoints": list(endpoints),
        "ports": [{"name": "other", "port": 8080}, {"name": "https", "port": 8443}],
    }  # fmt: skip
    await client.create("discovery.k8s.io", "endpointslices", slice_)


async def test_the_cluster_address_by_default(tmp_path: Path) -> None:
    """With the service's own port, and the service's name for TLS."""
    async with _client(tmp_path) as client:
        await _serve(client, {"addresses": ["192.0.2.1"]})
        address = await Upstreams(client, "", "", by_endpoints=False).address(SPEC)
        assert (address.host, address.port, address.server_name) == ("10.0.0.77", 443, "there.default.svc")


async def test_ready_endpoints_with_routing(tmp_path: Path) -> None:
    """--enable-aggregator-routing: any endpoint that is ready, with the port of the service port's name."""
    async with _client(tmp_path) as client:
        ready: list[dict[str, Any]] = [
            {"addresses": ["192.0.2.1"]},
            {"addresses": ["192.0.2.2"], "conditions": {"ready": True}},
        ]
        await _serve(client, *ready, {"addresses": ["192.0.2.3"], "conditions": {"ready": False}})
        upstreams = Upstreams(client, "", "", by_endpoints=True)
        addresses = [await upstreams.address(SPEC) for _ in range(60)]
        assert {(a.host, a.port) for a in addresses} == {("192.0.2.1", 8443), ("192.0.2.2", 8443)}
        assert {a.server_name for a in addresses} == {"there.default.svc"}


async def test_what_cannot_be_routed(tmp_path: Path) -> None:
    """No service, no such port, no endpoint that is ready."""
    async with _client(tmp_path) as client:
        upstreams = Upstreams(client, "", "", by_endpoints=True)
        with pytest.raises(ResolveError, match='service "there" not found'):
            await upstreams.address(SPEC)
        await _serve(client, {"addresses": ["192.0.2.3"], "conditions": {"ready": False}})
        with pytest.raises(ResolveError, match='no endpoints available for service "there"'):
            await upstreams.address(SPEC)
        other = {**SPEC, "service": {"namespace": "default", "name": "there", "port": 444}}
        with pytest.raises(ResolveError, match='no service port 444 found for service "there"'):
            await upstreams.address(other)


async def test_the_client_certificate_is_read_again(tmp_path: Path) -> None:
    """When its file changes; until then connections share one context."""
    cert, key = tmp_path / "proxy.crt", tmp_path / "proxy.key"
    ca = new_ca("front-proxy")

    def write(moment: int) -> None:
        pair = new_certificate(ca, "front-proxy-client")
        cert.write_bytes(pair.cert)
        key.write_bytes(pair.key)
        for path in (cert, key):
            os.utime(path, (moment, moment))

    write(1_000)
    async with _client(tmp_path / "data") as client:
        upstreams = Upstreams(client, str(cert), str(key), by_endpoints=False)
        before = upstreams.context(SPEC)
        assert upstreams.context(SPEC) is before
        write(2_000)
        assert upstreams.context(SPEC) is not before
