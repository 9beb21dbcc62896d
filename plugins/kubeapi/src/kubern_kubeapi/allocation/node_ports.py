"""Node ports: one bitmap of the ports in use, shared by all replicas (upstream: portallocator on RangeAllocation).

The bitmap lives in the storage under ranges/servicenodeports, in the form that kube-apiserver keeps there.
Next: `hooks.py`.
"""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING

import orjson

from kubern.storage.errors import Conflict
from kubern_kubeapi.allocation.ranges import AllocationError, AlreadyAllocated, RangeFull, candidates, static_band

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubern.storage.interface import Store

_TAKEN = "provided port is already allocated"
_DRY_RUN_BASE = 32768


class NodePortAllocator:
    """Takes and returns ports of first..last. Many changes at once share one write of the bitmap."""

    def __init__(self, store: Store, key: str, first: int, last: int) -> None:
        self.store = store
        self.key = key
        self.first = first
        self.last = last
        self._bits = 0
        self._saved = 0
        self._revision: int | None = None
        self._lost = 0
        self._writing = asyncio.Lock()

    def _bit(self, port: int) -> int:
        return 1 << (port - self.first)

    async def has(self, port: int) -> bool:
        """Whether somebody has the port."""
        await self._load()
        return self.first <= port <= self.last and bool(self._bits & self._bit(port))

    async def allocate(self, port: int) -> None:
        """Take one port. Raises AllocationError."""
        if not self.first <= port <= self.last:
            raise AllocationError(
                f"provided port is not in the valid range. The range of valid ports is {self.first}-{self.last}"
            )
        await self._load()
        if self._bits & self._bit(port):
            raise AlreadyAllocated(_TAKEN)
        await self._keep(port)

    async def allocate_next(self) -> int:
        """Take any free port. Raises RangeFull."""
        await self._load()
        band = static_band(self.last - self.first + 1, step=32, minimum=16, maximum=128)
        for port in candidates(self.first, self.last, band):
            if self._bits & self._bit(port):
                continue
            try:
                await self._keep(port)
            except AlreadyAllocated:
                continue
            return port
        raise RangeFull("range is full")

    async def release(self, ports: Iterable[int]) -> None:
        """Return ports; those that nobody has are no error."""
        await self._load()
        for port in ports:
            if self.first <= port <= self.last:
                self._bits &= ~self._bit(port)
        await self._save()

    async def taken(self) -> set[int]:
        """The ports that somebody has, other replicas' newest ones among them."""
        async with self._writing:
            await self._read()
        return {port for port in range(self.first, self.last + 1) if self._bits & self._bit(port)}

    async def mark(self, ports: Iterable[int]) -> None:
        """Take ports that are in use whoever has them (repair); those out of range are left out."""
        await self._load()
        for port in ports:
            if self.first <= port <= self.last:
                self._bits |= self._bit(port)
        await self._save()

    async def _keep(self, port: int) -> None:
        bit = self._bit(port)
        self._bits |= bit
        await self._save()
        if self._lost & bit:
            self._lost &= ~bit
            raise AlreadyAllocated(_TAKEN)

    async def _load(self) -> None:
        if self._revision is None:
            async with self._writing:
                if self._revision is None:
                    await self._read()

    async def _read(self) -> None:
        kv, _ = await self.store.get(self.key)
        stored = 0
        if kv is not None:
            stored = int.from_bytes(base64.b64decode(orjson.loads(kv.value).get("data") or ""), "big")
        added, removed = self._bits & ~self._saved, self._saved & ~self._bits
        self._lost |= added & stored
        self._bits = (stored & ~removed) | added
        self._saved = stored
        self._revision = kv.mod_rev if kv is not None else 0

    async def _save(self) -> None:
        """Write the bitmap unless somebody's write already carried it; merged with other replicas' changes."""
        async with self._writing:
            while self._bits != self._saved:
                bits = self._bits
                try:
                    kv = await self.store.put(self.key, self._value(bits), expect=self._revision)
                except Conflict:
                    await self._read()
                    continue
                self._saved, self._revision = bits, kv.mod_rev

    def _value(self, bits: int) -> bytes:
        data = bits.to_bytes((bits.bit_length() + 7) // 8, "big")
        return orjson.dumps(
            {
                "kind": "RangeAllocation",
                "apiVersion": "v1",
                "metadata": {},
                "range": f"{self.first}-{self.last}",
                "data": base64.b64encode(data).decode(),
            }
        )


class PortOperation:
    """The ports of one write of a service: all kept, or all returned (upstream: PortAllocationOperation)."""

    def __init__(self, allocator: NodePortAllocator, dry_run: bool) -> None:
        self.allocator = allocator
        self.dry_run = dry_run
        self.taken: list[int] = []
        self.leaving: list[int] = []

    async def allocate(self, port: int) -> None:
        """Take one port. Raises AllocationError."""
        if not self.dry_run:
            await self.allocator.allocate(port)
        elif port in self.taken or await self.allocator.has(port):
            raise AlreadyAllocated(_TAKEN)
        self.taken.append(port)

    async def allocate_next(self) -> int:
        """Take any free port; in a dry run a number that stands for one. Raises RangeFull."""
        if self.dry_run:
            port = max(self.taken, default=_DRY_RUN_BASE) + 1
        else:
            port = await self.allocator.allocate_next()
        self.taken.append(port)
        return port

    def release(self, ports: Iterable[int]) -> None:
        """Return ports once the write has succeeded."""
        self.leaving += ports

    async def finish(self, succeeded: bool) -> None:
        """Return what the outcome leaves without a use."""
        ports = self.leaving if succeeded else self.taken
        if ports and not self.dry_run:
            await self.allocator.release(ports)
