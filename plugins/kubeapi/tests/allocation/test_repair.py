"""Allocated addresses and ports follow the services, whatever happened to either."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kubern.storage.memory import MemoryStore
from kubern.testing.servers import RunningServer, running_server
from kubern.testing.waiting import eventually
from kubern_kubeapi.allocation.hooks import ServiceAllocation
from kubern_kubeapi.allocation.node_ports import NodePortAllocator
from kubern_kubeapi.allocation.repair import ROUNDS_BEFORE_RELEASE, AllocationRepair, cluster_ips, is_young, ports_of

Object = dict[str, Any]
IPS = "/apis/networking.k8s.io/v1/ipaddresses"
SERVICES = "/api/v1/namespaces/default/services"


class NoObjects:
    """A cluster without any object."""

    async def list(self, group: str, resource: str) -> list[Object]:
        return []


@pytest.mark.parametrize(
    ("spec", "ips", "ports"),
    [
        ({"type": "ClusterIP", "clusterIPs": ["10.0.0.1", "fd00::0001"]}, ["10.0.0.1", "fd00::1"], []),
        ({"type": "ClusterIP", "clusterIPs": ["None"]}, [], []),
        ({"type": "ExternalName", "clusterIPs": []}, [], []),
        ({"type": "NodePort", "clusterIPs": [], "ports": [{"nodePort": 30001}, {}]}, [], [30001]),
        (
            {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "healthCheckNodePort": 30002},
            [],
            [30002],
        ),
    ],
)
def test_what_a_service_holds(spec: Object, ips: list[str], ports: list[int]) -> None:
    """Addresses under the names of their objects, and all its ports on the nodes."""
    assert (cluster_ips({"spec": spec}), ports_of({"spec": spec})) == (ips, ports)


def test_addresses_of_writes_under_way_are_no_orphans() -> None:
    """For a minute an address may be without its service."""
    before = datetime.now(UTC) - timedelta(seconds=61)
    assert is_young({"creationTimestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")})
    assert not is_young({"creationTimestamp": before.strftime("%Y-%m-%dT%H:%M:%SZ")})


async def test_ports_without_a_service_are_returned_in_the_end() -> None:
    """A port is given back when several rounds in a row found nobody who uses it."""
    ports = NodePortAllocator(MemoryStore(), "/registry/ranges/servicenodeports", 30000, 30010)
    await ports.allocate(30001)
    client: Any = NoObjects()
    repair = AllocationRepair(ServiceAllocation(client, {}, ports))
    for _ in range(ROUNDS_BEFORE_RELEASE - 1):
        await repair.repair()
        assert await ports.taken() == {30001}
    await repair.repair()
    assert await ports.taken() == set()


@pytest.fixture
def server() -> Iterator[RunningServer]:
    with running_server("--disable-plugins=aggregator,apiextensions") as running:
        yield running


def test_a_deleted_address_comes_back_while_its_service_stays(server: RunningServer) -> None:
    """And goes with the service."""
    service = server.request("POST", SERVICES, {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 1}]}}).json()
    path = f"{IPS}/{service['spec']['clusterIP']}"
    first = server.request("GET", path).json()
    assert server.request("DELETE", path).status == 200

    def owner() -> Object | None:
        found = server.request("GET", path).json()
        uid = found["metadata"].get("uid")
        return found["spec"]["parentRef"] if uid not in (None, first["metadata"]["uid"]) else None

    eventually(lambda: owner() == first["spec"]["parentRef"])
    assert server.request("DELETE", f"{SERVICES}/s").status == 200
    eventually(lambda: server.request("GET", path).status == 404)
