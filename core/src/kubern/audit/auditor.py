"""Takes events to the backends, at once or in batches (upstream: audit/union.go, plugin/pkg/audit/{buffered,truncate}).

    event -> policy's stages -> for each backend: truncate -> blocking: write / batch: buffer -> write

Next: `log.py`, `webhook.py`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from kubern.audit.event import AuditEvent
from kubern.audit.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubern.lifecycle import Tasks

Object = dict[str, Any]
logger = logging.getLogger(__name__)
TRUNCATED = "audit.k8s.io/truncated"


class Backend(Protocol):
    """Where events end."""

    async def write(self, events: Sequence[Object]) -> bool:
        """Write events; False when that failed."""
        ...

    async def close(self) -> None: ...


class Sink(Protocol):
    """What takes events on their way."""

    async def process(self, event: Object) -> bool:
        """Take an event; False when the request must fail because of it."""
        ...

    async def close(self) -> None: ...


@dataclasses.dataclass(frozen=True, slots=True)
class Truncation:
    """Sizes in bytes, from which events and batches are cut."""

    max_event: int
    max_batch: int

    def cut(self, event: Object) -> Object | None:
        """The event without request and response when it is too large; None when it still is."""
        if len(orjson.dumps(event)) <= self.max_event:
            return event
        kept = {key: value for key, value in event.items() if key not in ("requestObject", "responseObject")}
        kept["annotations"] = {**(event.get("annotations") or {}), TRUNCATED: "true"}
        return kept if len(orjson.dumps(kept)) <= self.max_event else None


@dataclasses.dataclass(frozen=True, slots=True)
class Batching:
    """How events wait for each other; `qps` 0 is no limit."""

    buffer_size: int
    max_size: int
    max_wait: float
    qps: float = 0.0
    burst: int = 1


class BlockingSink:
    """Writes each event before the request goes on; with `strict` a request fails whose event cannot be written."""

    def __init__(self, backend: Backend, truncation: Truncation | None, *, strict: bool) -> None:
        self._backend = backend
        self._truncation = truncation
        self._strict = strict

    async def process(self, event: Object) -> bool:
        cut = self._truncation.cut(event) if self._truncation is not None else event
        if cut is None:
            logger.warning("audit event %s is too large and is dropped", event.get("auditID"))
            return True
        written = await self._backend.write([cut])
        # As upstream: only what happens before the request can make it fail.
        return written or not self._strict or event["stage"] != "RequestReceived"

    async def close(self) -> None:
        await self._backend.close()


class BatchSink:
    """Keeps events for later; what does not fit the buffer is dropped."""

    def __init__(self, backend: Backend, truncation: Truncation | None, batching: Batching, tasks: Tasks) -> None:
        self._backend = backend
        self._truncation = truncation
        self._batching = batching
        self._tasks = tasks
        self._waiting: deque[Object] = deque()
        self._arrived = asyncio.Event()
        self._writer: asyncio.Task[Any] | None = None
        self._allowance = float(batching.burst)
        self._allowed_at = time.monotonic()

    async def process(self, event: Object) -> bool:
        if self._writer is None:
            self._writer = self._tasks.spawn("audit-batches", self._run())
        if len(self._waiting) >= self._batching.buffer_size:
            logger.error("audit buffer queue blocked, event %s is dropped", event.get("auditID"))
            return True
        self._waiting.append(event)
        if len(self._waiting) >= self._batching.max_size or self._batching.max_wait <= 0 or len(self._waiting) == 1:
            self._arrived.set()
        return True

    async def close(self) -> None:
        """Write what still waits, as fast as that goes."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        while self._waiting:
            await self._write_batch()
        await self._backend.close()

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            if self._waiting and len(self._waiting) < self._batching.max_size and self._batching.max_wait > 0:
                await self._fill()
            while self._waiting:
                await self._throttle()
                await self._write_batch()

    async def _fill(self) -> None:
        """Until a batch is full, or its first event has waited long enough."""
        deadline = time.monotonic() + self._batching.max_wait
        while len(self._waiting) < self._batching.max_size:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return
            try:
                async with asyncio.timeout(remaining):
                    await self._arrived.wait()
            except TimeoutError:
                return
            self._arrived.clear()

    async def _throttle(self) -> None:
        qps = self._batching.qps
        if qps <= 0:
            return
        now = time.monotonic()
        self._allowance = min(self._batching.burst, self._allowance + (now - self._allowed_at) * qps)
        self._allowed_at = now
        if self._allowance < 1:
            await asyncio.sleep((1 - self._allowance) / qps)
            self._allowance = 1.0
            self._allowed_at = time.monotonic()
        self._allowance -= 1

    async def _write_batch(self) -> None:
        """The batch leaves the buffer when it is written, so that a cancelled write is done again at the end."""
        count = min(len(self._waiting), self._batching.max_size)
        batch = [self._waiting[i] for i in range(count)]
        for events in self._split(batch):
            if not await self._backend.write(events):
                logger.error("%d audit events could not be written", len(events))
        for _ in range(count):
            self._waiting.popleft()

    def _split(self, batch: list[Object]) -> list[list[Object]]:
        if self._truncation is None:
            return [batch]
        out: list[list[Object]] = []
        size = 0
        for event in batch:
            cut = self._truncation.cut(event)
            if cut is None:
                logger.warning("audit event %s is too large and is dropped", event.get("auditID"))
                continue
            length = len(orjson.dumps(cut))
            if not out or size + length > self._truncation.max_batch:
                out.append([])
                size = 0
            out[-1].append(cut)
            size += length
        return out


class Auditor:
    """Policy and backends of a server."""

    def __init__(self, policy: Policy, sinks: Sequence[Sink]) -> None:
        self.policy = policy
        self._sinks = tuple(sinks)

    async def record(self, event: AuditEvent, stage: str) -> bool:
        """Send an event of a stage to all backends; False when the request must fail."""
        if stage in event.recording.omit_stages:
            return True
        rendered = event.render(stage, time.time())
        good = True
        for sink in self._sinks:
            good = await sink.process(rendered) and good
        return good

    async def close(self) -> None:
        """Write what still waits."""
        for sink in self._sinks:
            await sink.close()
