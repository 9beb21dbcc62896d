"""The service `kubernetes`, its endpoints, and the leases by which servers know of each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kubern.testing.servers import RunningServer, running_server
from kubern.testing.waiting import eventually
from kubern_kubeapi.controllers.endpoint_reconcilers import with_address
from kubern_kubeapi.controllers.identity_lease import identity, is_expired

Object = dict[str, Any]
FLAGS = ("--disable-plugins=aggregator,apiextensions", "--storage-backend=sqlite")
ENDPOINTS = "/api/v1/namespaces/default/endpoints/kubernetes"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"


@pytest.mark.parametrize(
    ("present", "count", "kept"),
    [
        ([], 1, ["10.0.0.2"]),
        (["10.0.0.1"], 2, ["10.0.0.1", "10.0.0.2"]),
        (["10.0.0.1", "10.0.0.3"], 2, ["10.0.0.1", "10.0.0.2"]),
        (["10.0.0.1"], 1, ["10.0.0.2"]),
        (["10.0.0.1", "10.0.0.3"], 1, ["10.0.0.2"]),
    ],
)
def test_master_count(present: list[str], count: int, kept: list[str]) -> None:
    """A server adds itself; when that makes too many, those behind it give way, then the first ones."""
    assert with_address(present, "10.0.0.2", count) == kept


def test_identities_are_those_of_kube_apiserver() -> None:
    """A digest of the host's name in 26 letters and digits of base 32."""
    name = identity("a-host")
    assert len(name) == len("apiserver-") + 26
    assert name == identity("a-host") != identity("b-host")


@pytest.mark.parametrize(
    ("spec", "expired"),
    [
        ({"leaseDurationSeconds": 10, "renewTime": -9}, False),
        ({"leaseDurationSeconds": 10, "renewTime": -11}, True),
        ({"leaseDurationSeconds": 10}, True),
        ({"renewTime": -1}, True),
    ],
)
def test_expired_leases(spec: Object, expired: bool) -> None:
    """A lease lasts as long as it says after the last renewal; without a word it is over."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    if "renewTime" in spec:
        renewed = now + timedelta(seconds=spec["renewTime"])
        spec = {**spec, "renewTime": renewed.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    assert is_expired({"spec": spec}, now) is expired


def _subsets(server: RunningServer) -> list[Object]:
    found: list[Object] = server.request("GET", ENDPOINTS).json().get("subsets") or []
    return found


def _lease(name: str, labels: dict[str, str]) -> Object:
    return {"metadata": {"name": name, "labels": labels}, "spec": {"holderIdentity": "x"}}


def test_a_server_leaves_no_trace_in_the_endpoints(tmp_path: Path) -> None:
    """The last server takes itself out when it ends; the next start adds it, and deletes leases that are over."""
    with running_server(*FLAGS, data_dir=tmp_path) as server:
        assert _subsets(server)
        servers = {"apiserver.kubernetes.io/identity": "kube-apiserver"}
        for lease in (_lease("apiserver-gone", servers), _lease("other", {})):
            assert server.request("POST", LEASES, lease).status == 201
    with running_server(*FLAGS, "--endpoint-reconciler-type=none", data_dir=tmp_path) as server:
        assert _subsets(server) == []

        def names() -> set[str]:
            return {lease["metadata"]["name"] for lease in server.request("GET", LEASES).json()["items"]}

        assert "other" in names()
        eventually(lambda: "apiserver-gone" not in names())
    with running_server(*FLAGS, "--endpoint-reconciler-type=master-count", data_dir=tmp_path) as server:
        assert len(_subsets(server)[0]["addresses"]) == 1
