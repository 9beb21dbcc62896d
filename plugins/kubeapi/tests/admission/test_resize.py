"""Resizes of pods that have a node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kubern.testing.servers import RunningServer

MERGE = {"Content-Type": "application/strategic-merge-patch+json"}


def _pod(create: Callable[..., Any], node: str, *, guaranteed: bool = False) -> None:
    resources: dict[str, Any] = {"requests": {"cpu": "1", "memory": "1Gi"}}
    if guaranteed:
        resources["limits"] = resources["requests"]
    spec = {"nodeName": node, "containers": [{"name": "c", "image": "i", "resources": resources}]}
    assert create("pods", {"metadata": {"name": "p"}, "spec": spec}).status == 201


def _resize(server: RunningServer, namespace: str, **requests: str) -> Any:
    resources: dict[str, Any] = {"requests": requests}
    patch = {"spec": {"containers": [{"name": "c", "resources": resources}]}}
    return server.request("PATCH", f"/api/v1/namespaces/{namespace}/pods/p/resize", patch, MERGE)


def _node(server: RunningServer, name: str, labels: dict[str, str], **status: Any) -> None:
    node = {"metadata": {"name": name, "labels": labels}}
    assert server.request("POST", "/api/v1/nodes", node).status == 201
    patch = {"status": {"allocatable": {"cpu": "2", "memory": "2Gi"}, **status}}
    assert server.request("PATCH", f"/api/v1/nodes/{name}/status", patch, MERGE).status == 200


def test_no_larger_than_the_node(server: RunningServer, namespace: str, create: Callable[..., Any]) -> None:
    """What the node cannot give is refused, with both sizes."""
    _node(server, "size1", {"kubernetes.io/os": "linux"})
    _pod(create, "size1")
    assert _resize(server, namespace, cpu="2").status == 200
    answer = _resize(server, namespace, cpu="2500m", memory="3Gi")
    assert answer.status == 403
    assert answer.json()["message"] == (
        'pods "p" is forbidden: Node didn\'t have enough allocatable resources: cpu, requested: 2500, '
        "allocatable: 2000; memory, requested: 3221225472, allocatable: 2147483648"
    )


def test_nodes_must_be_known_and_run_linux(server: RunningServer, namespace: str, create: Callable[..., Any]) -> None:
    """A resize needs a node that exists and says that it runs Linux."""
    _pod(create, "size2")
    assert _resize(server, namespace, cpu="2").json()["message"] == 'pods "p" is forbidden: node "size2" not found'
    _node(server, "size2", {"kubernetes.io/os": "windows"})
    assert _resize(server, namespace, cpu="2").json()["message"] == (
        'pods "p" is forbidden: pod resize is only supported on linux nodes, node "size2" is "windows"'
    )


def test_guaranteed_cpu_needs_a_declared_feature(
    server: RunningServer, namespace: str, create: Callable[..., Any]
) -> None:
    """The CPU of a guaranteed pod is resized only where the kubelet says that it can."""
    _node(server, "size3", {"kubernetes.io/os": "linux"})
    _pod(create, "size3", guaranteed=True)
    patch = {"spec": {"containers": [{"name": "c", "resources": {f: {"cpu": "2"} for f in ("requests", "limits")}}]}}
    path = f"/api/v1/namespaces/{namespace}/pods/p/resize"
    answer = server.request("PATCH", path, patch, MERGE)
    assert answer.json()["message"] == (
        'pods "p" is forbidden: pod update requires features GuaranteedQoSPodCPUResize which are not available '
        'on node "size3"'
    )
    declared = {"status": {"declaredFeatures": ["GuaranteedQoSPodCPUResize"]}}
    assert server.request("PATCH", "/api/v1/nodes/size3/status", declared, MERGE).status == 200
    assert server.request("PATCH", path, patch, MERGE).status == 200
