"""kr8s, an asynchronous client with objects that look after themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import kr8s.asyncio
import pytest
from kr8s.asyncio.objects import ConfigMap, Deployment, Pod, new_class

from kubern.testing.servers import RunningServer

# It knows the versions it was tested with, and warns of later ones.
pytestmark = pytest.mark.filterwarnings("ignore:Kubernetes version .* is not supported:UserWarning")
CONTAINERS = [{"name": "main", "image": "busybox"}]


@pytest.fixture
async def api(cluster: RunningServer, namespace: str) -> AsyncIterator[Any]:
    made = await kr8s.asyncio.api(kubeconfig=str(cluster.kubeconfig), namespace=namespace)
    yield made
    await made._session.aclose()


def manifest(name: str, namespace: str, **fields: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace}, **fields}


async def test_objects(api: Any, namespace: str) -> None:
    """Create, refresh, patch, label, wait for a condition, delete."""
    pod = await Pod(manifest("p", namespace, spec={"containers": CONTAINERS}), api=api)
    await pod.create()
    await pod.label({"a": "b"})
    await pod.patch(
        {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}, subresource="status"
    )
    await pod.wait("condition=Ready", timeout=5)
    assert pod.labels == {"a": "b"}
    found = [each.name async for each in api.get("pods", label_selector={"a": "b"}, namespace=namespace)]
    assert found == ["p"]
    await pod.delete(grace_period=0)
    await pod.wait("delete", timeout=5)
    assert not await pod.exists()


async def test_scale(api: Any, namespace: str) -> None:
    """The scale subresource through the object's own method."""
    template = {"metadata": {"labels": {"app": "d"}}, "spec": {"containers": CONTAINERS}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "d"}}, "template": template}
    deployment = await Deployment(manifest("d", namespace, spec=spec), api=api)
    await deployment.create()
    await deployment.patch({"spec": {"replicas": 4}}, subresource="scale")
    await deployment.refresh()
    assert deployment.replicas == 4


async def test_watch(api: Any, namespace: str) -> None:
    """Events arrive while objects change."""
    seen: list[tuple[str, str]] = []

    async def follow() -> None:
        async for event, found in api.watch("configmaps", namespace=namespace):
            seen.append((event, found.name))
            if event == "DELETED":
                return

    following = asyncio.create_task(follow())
    made = await ConfigMap(manifest("c", namespace, data={"k": "v"}), api=api)
    await made.create()
    await asyncio.sleep(0.2)
    await made.patch({"data": {"k": "w"}})
    await made.delete()
    await asyncio.wait_for(following, 5)
    assert [event for event, name in seen if name == "c"][-2:] == ["MODIFIED", "DELETED"]


async def test_custom_resources(api: Any, widgets: str, namespace: str) -> None:
    """A class for a custom resource, found by discovery."""
    widget = new_class(kind="Widget", version="clients.example.com/v1", namespaced=True, plural=widgets)
    made = await widget(manifest("w", namespace, spec={"size": "s"}), api=api)
    await made.create()
    assert made.spec.replicas == 1
    versions = [version async for version in api.api_versions()]
    assert "clients.example.com/v1" in versions
