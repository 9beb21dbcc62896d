"""An operator built with kopf runs against the server: finalizers, status, timers, children, events, retries."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import kopf
import pytest

from kubern.testing.servers import RunningServer
from kubern.testing.waiting import eventually


def registry() -> kopf.OperatorRegistry:
    """The operator: a widget gets a config map and a status, is counted by a timer, and says goodbye."""
    found = kopf.OperatorRegistry()
    attempts: dict[str, int] = {}

    @kopf.on.login(registry=found)
    def login(**how: Any) -> Any:
        return kopf.login_with_kubeconfig(**how)

    @kopf.on.create("clients.example.com", "v1", "widgets", id="create", registry=found, backoff=0.1)
    def create(spec: Any, name: str, namespace: str, body: Any, patch: Any, **_: Any) -> dict[str, str]:
        attempts[name] = attempts.get(name, 0) + 1
        if attempts[name] == 1:
            raise kopf.TemporaryError("not yet", delay=0.1)
        kopf.event(body, type="Normal", reason="Created", message="made a child")
        patch.status["size"] = spec["size"]
        return {"attempt": str(attempts[name])}

    @kopf.on.update("clients.example.com", "v1", "widgets", field="spec.size", registry=found)
    def resize(old: str, new: str, patch: Any, **_: Any) -> None:
        patch.status["size"] = f"{old} to {new}"

    @kopf.timer("clients.example.com", "v1", "widgets", interval=0.2, registry=found)
    def tick(status: Any, patch: Any, **_: Any) -> None:
        if status.get("ticks", 0) < 2:
            patch.status["ticks"] = status.get("ticks", 0) + 1

    @kopf.on.delete("clients.example.com", "v1", "widgets", registry=found)
    def goodbye(name: str, **_: Any) -> None:
        attempts[name] = -1

    return found


@pytest.fixture
def operator(cluster: RunningServer, widgets: str, namespace: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The operator in a thread of its own, in the test's namespace; it must end without an error."""
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    ready, stop = threading.Event(), threading.Event()
    settings = kopf.OperatorSettings()
    settings.posting.enabled = True
    settings.execution.max_workers = 2
    running = kopf.operator(
        registry=registry(),
        settings=settings,
        namespaces=[namespace],
        standalone=True,
        ready_flag=ready,
        stop_flag=stop,
    )
    thread = threading.Thread(target=asyncio.run, args=(running,))
    thread.start()
    assert ready.wait(10)
    yield
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.usefixtures("operator")
def test_an_operator(cluster: RunningServer, namespace: str) -> None:
    """From the first attempt, which fails, to the last finalizer, as kopf's users see it."""
    path = f"/apis/clients.example.com/v1/namespaces/{namespace}/widgets"
    created = cluster.request(
        "POST",
        path,
        {"apiVersion": "clients.example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": "s"}},
    )
    assert created.status == 201, created.body

    def widget() -> dict[str, Any]:
        return cluster.request("GET", f"{path}/w").json()  # type: ignore[no-any-return]

    eventually(lambda: widget().get("status", {}).get("create") == {"attempt": "2"})
    assert widget()["metadata"]["finalizers"] == ["kopf.zalando.org/KopfFinalizerMarker"]
    assert widget()["status"]["size"] == "s"
    patch = cluster.request(
        "PATCH", f"{path}/w", {"spec": {"size": "l"}}, {"Content-Type": "application/merge-patch+json"}
    )
    assert patch.status == 200
    eventually(lambda: widget()["status"]["size"] == "s to l")
    eventually(lambda: widget()["status"].get("ticks") == 2)
    events = f"/api/v1/namespaces/{namespace}/events"
    eventually(lambda: "Created" in {event["reason"] for event in cluster.request("GET", events).json()["items"]})
    assert cluster.request("DELETE", f"{path}/w").status == 200
    eventually(lambda: cluster.request("GET", f"{path}/w").status == 404)
