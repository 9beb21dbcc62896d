"""Node ports: taken once, shared between replicas, returned."""

from __future__ import annotations

import asyncio

import pytest

from kubern.storage.memory import MemoryStore
from kubern_kubeapi.allocation.node_ports import NodePortAllocator, PortOperation
from kubern_kubeapi.allocation.ranges import AllocationError, RangeFull

KEY = "/registry/ranges/servicenodeports"


async def test_a_port_is_taken_once() -> None:
    """A second taker is refused until the port is returned."""
    ports = NodePortAllocator(MemoryStore(), KEY, 30000, 30010)
    await ports.allocate(30003)
    with pytest.raises(AllocationError, match="provided port is already allocated"):
        await ports.allocate(30003)
    with pytest.raises(AllocationError, match="The range of valid ports is 30000-30010"):
        await ports.allocate(29999)
    await ports.release([30003])
    await ports.allocate(30003)


async def test_replicas_share_one_bitmap() -> None:
    """Two allocators on one store never hand out the same port, until none is left."""
    store = MemoryStore()
    replicas = [NodePortAllocator(store, KEY, 30000, 30039) for _ in range(2)]
    taken = await asyncio.gather(*(replicas[i % 2].allocate_next() for i in range(40)))
    assert sorted(taken) == list(range(30000, 30040))
    with pytest.raises(RangeFull):
        await replicas[0].allocate_next()


async def test_a_failed_write_returns_its_ports() -> None:
    """An operation that does not succeed keeps nothing; one that does returns what it let go."""
    ports = NodePortAllocator(MemoryStore(), KEY, 30000, 30010)
    failed = PortOperation(ports, dry_run=False)
    await failed.allocate(30001)
    await failed.finish(False)
    assert not await ports.has(30001)
    moved = PortOperation(ports, dry_run=False)
    await moved.allocate(30001)
    moved.release([30002])
    await moved.finish(True)
    assert await ports.has(30001)


async def test_a_dry_run_keeps_nothing() -> None:
    """A dry run refuses what is taken and takes nothing."""
    ports = NodePortAllocator(MemoryStore(), KEY, 30000, 30010)
    dry = PortOperation(ports, dry_run=True)
    await dry.allocate(30001)
    with pytest.raises(AllocationError):
        await dry.allocate(30001)
    await dry.finish(True)
    assert not await ports.has(30001)
