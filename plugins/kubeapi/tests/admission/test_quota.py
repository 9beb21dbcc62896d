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
    patch = {"spec": {"type": "NodePort"}}
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
