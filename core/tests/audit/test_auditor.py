"""The ways of events to their backends."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kubern.audit.auditor import Batching, BatchSink, BlockingSink, Truncation
from kubern.audit.log import LogBackend, RotatingFile, legacy_line
from kubern.lifecycle import Tasks

EVENT: dict[str, Any] = {"auditID": "1", "stage": "ResponseComplete", "requestObject": {"data": "x" * 500}}


class Collecting:
    """A backend that remembers its batches, and may fail."""

    def __init__(self, good: bool = True) -> None:
        self.batches: list[list[dict[str, Any]]] = []
        self.good = good

    async def write(self, events: Sequence[dict[str, Any]]) -> bool:
        self.batches.append(list(events))
        return self.good

    async def close(self) -> None:
        pass


async def test_batches_are_full_or_old() -> None:
    """A batch is written when it is full, or when its first event has waited long enough."""
    backend, tasks = Collecting(), Tasks()
    sink = BatchSink(backend, None, Batching(100, 2, 0.05), tasks)
    for _ in range(3):
        await sink.process(EVENT)
    await asyncio.sleep(0.01)
    assert [len(b) for b in backend.batches] == [2, 1]
    await tasks.close()


async def test_nothing_is_lost_at_the_end() -> None:
    """Closing writes what still waits."""
    backend, tasks = Collecting(), Tasks()
    sink = BatchSink(backend, None, Batching(100, 10, 60), tasks)
    await sink.process(EVENT)
    await sink.process(EVENT)
    await sink.close()
    assert sum(map(len, backend.batches)) == 2
    await tasks.close()


async def test_a_full_buffer_drops_events() -> None:
    """A backend that hangs does not take the server's memory."""
    backend, tasks = Collecting(), Tasks()
    sink = BatchSink(backend, None, Batching(3, 3, 60), tasks)
    for _ in range(5):
        await sink.process(EVENT)
    await sink.close()
    assert sum(map(len, backend.batches)) == 3
    await tasks.close()


async def test_large_events_lose_their_objects() -> None:
    """First the objects go, then the event."""
    cut = Truncation(200, 1000).cut(EVENT)
    assert cut == {
        "auditID": "1", "stage": "ResponseComplete", "annotations": {"audit.k8s.io/truncated": "true"},
    }  # fmt: skip
    assert Truncation(10, 1000).cut(EVENT) is None


async def test_only_strict_blocking_fails_requests() -> None:
    """And only before the request has been carried out."""
    received = {**EVENT, "stage": "RequestReceived"}
    assert not await BlockingSink(Collecting(False), None, strict=True).process(received)
    assert await BlockingSink(Collecting(False), None, strict=True).process(EVENT)
    assert await BlockingSink(Collecting(False), None, strict=False).process(received)


async def test_files_rotate_and_old_ones_go(tmp_path: Path) -> None:
    """A full file becomes a compressed backup; only so many are kept."""
    output = RotatingFile(tmp_path / "audit.log", max_size=40, max_age=0, max_backups=2, compress=True)
    backend = LogBackend(output, legacy=False)
    for i in range(5):
        assert await backend.write([{"auditID": f"{i}" * 20}])
        await asyncio.sleep(0.002)
    await backend.close()
    backups = sorted(tmp_path.glob("audit-*.log.gz"))
    assert len(backups) == 2
    assert gzip.decompress(backups[-1].read_bytes()) == b'{"auditID":"33333333333333333333"}\n'
    assert (tmp_path / "audit.log").read_bytes() == b'{"auditID":"44444444444444444444"}\n'
    assert (tmp_path / "audit.log").stat().st_mode & 0o777 == 0o600


async def test_backups_of_one_moment_are_all_kept(tmp_path: Path) -> None:
    """A backup never takes another one's name."""
    output = RotatingFile(tmp_path / "audit.log", max_size=10, max_age=0, max_backups=0, compress=False)
    backend = LogBackend(output, legacy=False)
    for i in range(50):
        assert await backend.write([{"auditID": f"{i}"}])
    await backend.close()
    lines = [line for path in tmp_path.glob("audit*.log") for line in path.read_text().splitlines()]
    assert len(lines) == 50


def test_the_legacy_line() -> None:
    """Placeholders stand for what is not known."""
    event = {
        "auditID": "1", "stage": "RequestReceived", "verb": "get", "requestURI": "/x",
        "user": {"username": "a", "groups": ["g", "h"]}, "requestReceivedTimestamp": "T",
    }  # fmt: skip
    assert legacy_line(event) == (
        'T AUDIT: id="1" stage="RequestReceived" ip="<unknown>" method="get" user="a" groups="\\"g\\",\\"h\\"" '
        'as="<self>" asgroups="<lookup>" user-agent="" namespace="<none>" uri="/x" response="<deferred>"'
    )
