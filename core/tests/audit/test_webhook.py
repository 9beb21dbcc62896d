"""Audit events that are sent to another server, over real TLS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kubern.audit.auditor import Batching, BatchSink, Truncation
from kubern.audit.webhook import WebhookBackend
from kubern.lifecycle import Tasks
from kubern.remote.client import RemoteClient
from kubern.remote.kubeconfig import load_kubeconfig


def _event(number: int, size: int = 0) -> dict[str, Any]:
    event: dict[str, Any] = {"kind": "Event", "auditID": str(number), "stage": "ResponseComplete"}
    return {**event, "requestObject": "x" * size} if size else event


def _backend(server: Any, directory: Path) -> WebhookBackend:
    return WebhookBackend(RemoteClient(load_kubeconfig(server.kubeconfig(directory)), first_backoff=0.01))


async def test_a_batch_is_one_list(serve_json: Any, tmp_path: Path) -> None:
    """With the credential of the kubeconfig."""
    seen: list[dict[str, str]] = []

    def answer(path: str, headers: dict[str, str], document: Any) -> tuple[int, Any]:
        seen.append(headers)
        return 200, {}

    async with serve_json(answer) as server:
        backend, tasks = _backend(server, tmp_path), Tasks()
        sink = BatchSink(backend, None, Batching(100, 10, 60), tasks)
        for number in range(3):
            await sink.process(_event(number))
        await sink.close()
        await tasks.close()
        [(_, document)] = server.requests
    assert document == {
        "kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": [_event(i) for i in range(3)],
    }  # fmt: skip
    assert seen[0]["authorization"] == "Bearer secret"


async def test_a_failure_is_tried_again(serve_json: Any, tmp_path: Path) -> None:
    """Nothing is lost while the other server is away for a moment; one that says no is taken at its word."""
    answers = iter([503, 429, 200, 400])

    def answer(path: str, headers: dict[str, str], document: Any) -> tuple[int, Any]:
        return next(answers), {}

    async with serve_json(answer) as server:
        backend = _backend(server, tmp_path)
        assert await backend.write([_event(1)])
        assert not await backend.write([_event(2)])
        await backend.close()
        sent = [document["items"][0]["auditID"] for _, document in server.requests]
    assert sent == ["1", "1", "1", "2"]


async def test_batches_are_cut_to_size(serve_json: Any, tmp_path: Path) -> None:
    """A list is no longer than allowed; an event that is too large goes without its objects."""
    async with serve_json(lambda *_: (200, {})) as server:
        backend, tasks = _backend(server, tmp_path), Tasks()
        sink = BatchSink(backend, Truncation(400, 700), Batching(100, 10, 60), tasks)
        for number in range(3):
            await sink.process(_event(number, 300))
        await sink.process(_event(3, 1000))
        await sink.close()
        await tasks.close()
        lists = [[event["auditID"] for event in document["items"]] for _, document in server.requests]
        last = server.requests[-1][1]["items"][-1]
    assert [number for batch in lists for number in batch] == ["0", "1", "2", "3"]
    assert len(lists) > 1
    assert "requestObject" not in last
    assert last["annotations"] == {"audit.k8s.io/truncated": "true"}
