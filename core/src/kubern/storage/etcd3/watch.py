"""A watch on etcd that survives lost connections: it goes on after the last event it delivered.

Upstream: clientv3's watcher. A response's header carries the store's revision, which during catch-up is ahead
of the events: only delivered events, and trusted progress, move the point to resume from. Next: `store.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio

from kubern.storage.errors import Compacted, Unavailable
from kubern.storage.etcd3.channels import Channels
from kubern.storage.etcd3.messages import message_classes
from kubern.storage.interface import KV, Event, EventBatch

_DELETE = 1
_RECONNECTS = 6
"""Failed connections in a row after which the watch gives up, after about 3 seconds."""


class EtcdWatcher:
    """`interface.py::Watcher` on one gRPC stream at a time."""

    def __init__(
        self, channels: Channels, start: str, end: str, after: int, prev: bool, progress_is_reliable: bool
    ) -> None:
        self._channels = channels
        self._types = message_classes()
        self._start, self._end = start.encode(), end.encode()
        self._after = after
        self._prev = prev
        self._progress_is_reliable = progress_is_reliable
        self._call: Any = None
        self._writing = asyncio.Lock()
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[EventBatch]:
        failures = 0
        while not self._closed:
            call, endpoint = self._channels.stream("Watch")
            try:
                await self._create(call)
                async for batch in self._responses(call):
                    failures = 0
                    yield batch
            except (grpc.aio.AioRpcError, grpc.aio.UsageError, asyncio.InvalidStateError) as error:
                failures += 1
                if failures > _RECONNECTS and not self._closed:
                    raise Unavailable(f"etcd: the watch is lost: {error}") from error
            except asyncio.CancelledError:
                self._raise_if_cancelled()
            finally:
                self._call = None
                self._channels.end_stream(call)
            if not self._closed:
                self._channels.rotate(endpoint)
                await asyncio.sleep(min(0.05 * 2**failures, 1.0))

    def _raise_if_cancelled(self) -> None:
        """grpc cancels the reader's task when the call is cancelled or the channel closed: tell these apart."""
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError
        if self._channels.closed:
            raise Unavailable("the store is closed")

    async def _create(self, call: Any) -> None:
        create = self._types["WatchCreateRequest"](
            key=self._start,
            range_end=self._end,
            start_revision=self._after + 1,
            progress_notify=self._progress_is_reliable,
            prev_kv=self._prev,
            fragment=True,
        )
        await call.write(self._types["WatchRequest"](create_request=create))
        self._call = call

    async def _responses(self, call: Any) -> AsyncIterator[EventBatch]:
        """Batches until the stream ends; fragments of one response are joined."""
        events: list[Event] = []
        while (answer := await call.read()) is not grpc.aio.EOF:  # type: ignore[attr-defined] # missing in the stubs
            if answer.compact_revision:
                raise Compacted(answer.compact_revision)
            if answer.canceled:
                raise Unavailable(f"etcd: the watch was cancelled: {answer.cancel_reason}")
            events += map(_event, answer.events)
            if answer.fragment or answer.created:
                continue
            if events:
                batch, events = events, []
                self._after = batch[-1].rev
                yield batch, self._after
            elif self._progress_is_reliable:
                self._after = max(self._after, answer.header.revision)
                yield [], self._after

    async def request_progress(self) -> None:
        call = self._call
        if call is None or not self._progress_is_reliable:
            return
        progress = self._types["WatchRequest"](progress_request=self._types["WatchProgressRequest"]())
        async with self._writing:
            try:
                await call.write(progress)
            except (grpc.aio.AioRpcError, grpc.aio.UsageError, asyncio.InvalidStateError):
                return  # the reading side notices and reconnects

    async def aclose(self) -> None:
        self._closed = True
        if self._call is not None:
            self._call.cancel()


def _event(event: Any) -> Event:
    key = event.kv.key.decode()
    prev = _kv(key, event.prev_kv) if event.HasField("prev_kv") else None
    return Event(event.kv.mod_revision, key, None if event.type == _DELETE else _kv(key, event.kv), prev)


def _kv(key: str, kv: Any) -> KV:
    return KV(key, kv.value, kv.mod_revision, kv.create_revision, kv.version, kv.lease)
