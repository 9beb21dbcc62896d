"""Resource quotas under concurrent requests."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kubern.testing.servers import RunningServer


def _quota(server: RunningServer, namespace: str, hard: dict[str, str]) -> str:
    path = f"/api/v1/namespaces/{namespace}/resourcequotas"
    quota: dict[str, Any] = {"metadata": {"name": "q"}, "spec": {"hard": hard}}
    assert server.request("POST", path, quota).status == 201
    status = {"hard": hard, "used": dict.fromkeys(hard, "0")}
    assert server.request("PUT", f"{path}/q/status", {**quota, "status": status}).status == 200
    return f"{path}/q"


def test_exact_under_concurrency(server: RunningServer, namespace: str, create: Callable[..., Any]) -> None:
    """Of many requests at once exactly as many pass as the quota allows, and that is what is used."""
    path = _quota(server, namespace, {"configmaps": "5", "count/secrets": "3"})
    bodies = [("configmaps", {"metadata": {"name": f"m{i}"}}) for i in range(15)]
    bodies += [("secrets", {"metadata": {"name": f"s{i}"}}) for i in range(9)]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda body: create(*body), bodies))
    assert [a.status for a in answers[:15]].count(201) == 5
    assert [a.status for a in answers[15:]].count(201) == 3
    refused = next(a for a in answers if a.status == 403)
    assert "exceeded quota: q, requested: " in refused.json()["message"]
    used = server.request("GET", path).json()["status"]["used"]
    assert used == {"configmaps": "5", "count/secrets": "3"}


def test_dry_run_uses_nothing(server: RunningServer, namespace: str, create: Callable[..., Any]) -> None:
    """A dry run is checked and not counted."""
    path = _quota(server, namespace, {"configmaps": "1"})
    for _ in range(2):
        assert create("configmaps", {"metadata": {"name": "a"}}, "?dryRun=All").status == 201
    assert server.request("GET", path).json()["status"]["used"] == {"configmaps": "0"}


def test_growing_claims_and_services(server: RunningServer, namespace: str, create: Callable[..., Any]) -> None:
    """An update is charged for what it adds."""
    path = _quota(server, namespace, {"services.nodeports": "2"})
    service = {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}}
    assert create("services", service).status == 201
    patch: Any = {"spec": {"type": "NodePort"}}
    at = f"/api/v1/namespaces/{namespace}/services/s"
    merge = {"Content-Type": "application/merge-patch+json"}
    assert server.request("PATCH", at, patch, merge).status == 200
    assert server.request("GET", path).json()["status"]["used"] == {"services.nodeports": "1"}
    patch = {"spec": {"ports": [{"port": p, "name": f"p{p}"} for p in (80, 81, 82)]}}
    answer = server.request("PATCH", at, patch, merge)
    assert answer.status == 403
    assert answer.json()["message"] == (
        'services "s" is forbidden: exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=1, '
        "limited: services.nodeports=2"
    )


def test_devices_of_claims(server: RunningServer, namespace: str, create: Callable[..., Any]) -> None:
    """Claims are charged by device class, alternatives with the most that one of them takes."""
    hard = {"gold.deviceclass.resource.k8s.io/devices": "4", "count/resourceclaims.resource.k8s.io": "5"}
    path = _quota(server, namespace, hard)
    alternatives = [
        {"name": "one", "deviceClassName": "gold", "allocationMode": "ExactCount", "count": 1},
        {"name": "two", "deviceClassName": "gold", "allocationMode": "ExactCount", "count": 2},
    ]
    requests = [
        {"name": "a", "exactly": {"deviceClassName": "gold", "allocationMode": "ExactCount", "count": 1}},
        {"name": "b", "firstAvailable": alternatives},
    ]
    claim = {"metadata": {"name": "c"}, "spec": {"devices": {"requests": requests}}}
    assert create("resourceclaims", claim, api="/apis/resource.k8s.io/v1").status == 201
    used = server.request("GET", path).json()["status"]["used"]
    assert used == {"gold.deviceclass.resource.k8s.io/devices": "3", "count/resourceclaims.resource.k8s.io": "1"}
    everything = [{"name": "a", "exactly": {"deviceClassName": "gold", "allocationMode": "All"}}]
    claim = {"metadata": {"name": "all"}, "spec": {"devices": {"requests": everything}}}
    answer = create("resourceclaims", claim, api="/apis/resource.k8s.io/v1")
    assert answer.json()["message"] == (
        'resourceclaims.resource.k8s.io "all" is forbidden: exceeded quota: q, requested: '
        "gold.deviceclass.resource.k8s.io/devices=32, used: gold.deviceclass.resource.k8s.io/devices=3, "
        "limited: gold.deviceclass.resource.k8s.io/devices=4"
    )


def test_claims_under_the_name_of_an_extended_resource(
    server: RunningServer, namespace: str, create: Callable[..., Any]
) -> None:
    """A class that stands for an extended resource is charged under that resource's name too."""
    device_class = {"metadata": {"name": "silver"}, "spec": {"extendedResourceName": "example.com/silver"}}
    assert server.request("POST", "/apis/resource.k8s.io/v1/deviceclasses", device_class).status == 201
    path = _quota(server, namespace, {"requests.example.com/silver": "2"})
    requests = [{"name": "a", "exactly": {"deviceClassName": "silver", "allocationMode": "ExactCount", "count": 2}}]
    claim = {"metadata": {"name": "c"}, "spec": {"devices": {"requests": requests}}}
    assert create("resourceclaims", claim, api="/apis/resource.k8s.io/v1").status == 201
    assert server.request("GET", path).json()["status"]["used"] == {"requests.example.com/silver": "2"}


def test_pod_level_resources_suffice(server: RunningServer, namespace: str, create: Callable[..., Any]) -> None:
    """Containers need not state what a quota limits when the pod states resources itself."""
    _quota(server, namespace, {"requests.cpu": "4", "limits.memory": "4Gi"})
    pod: Any = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    answer = create("pods", pod)
    assert answer.json()["message"] == (
        'pods "p" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c'
    )
    pod["spec"]["resources"] = {"requests": {"cpu": "1"}}
    assert create("pods", pod).status == 201


_MERGE = {"Content-Type": "application/merge-patch+json"}


def test_shrinking_gives_nothing_back(server: RunningServer, namespace: str, create: Callable[..., Any]) -> None:
    """What an update no longer uses stays counted until the quota's controller looks again."""
    path = _quota(server, namespace, {"services.nodeports": "2"})
    service = {"metadata": {"name": "s"}, "spec": {"type": "NodePort", "ports": [{"port": 80}]}}
    assert create("services", service).status == 201
    at = f"/api/v1/namespaces/{namespace}/services/s"
    assert server.request("PATCH", at, {"spec": {"type": "ClusterIP"}}, _MERGE).status == 200
    assert server.request("GET", path).json()["status"]["used"] == {"services.nodeports": "1"}


def test_claims_that_come_into_scope(server: RunningServer, namespace: str, create: Callable[..., Any]) -> None:
    """A claim that gets into a quota's scope is charged in full; what a status reports is never too much."""
    at = f"/api/v1/namespaces/{namespace}"
    hard = {"persistentvolumeclaims": "1", "requests.storage": "2Gi"}
    scope = {"matchExpressions": [{"scopeName": "VolumeAttributesClass", "operator": "In", "values": ["gold"]}]}
    quota = {"metadata": {"name": "q"}, "spec": {"hard": hard, "scopeSelector": scope}}
    assert create("resourcequotas", quota).status == 201
    status = {"hard": hard, "used": dict.fromkeys(hard, "0")}
    assert server.request("PUT", f"{at}/resourcequotas/q/status", {**quota, "status": status}).status == 200
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    for name in ("a", "b"):
        assert create("persistentvolumeclaims", {"metadata": {"name": name}, "spec": spec}).status == 201
        status = {"status": {"currentVolumeAttributesClassName": "gold"}}
        answer = server.request("PATCH", f"{at}/persistentvolumeclaims/{name}/status", status, _MERGE)
        assert answer.status == 200, answer.body
    used = server.request("GET", f"{at}/resourcequotas/q").json()["status"]["used"]
    assert used == {"persistentvolumeclaims": "2", "requests.storage": "2Gi"}
