"""An informer as client-go's reflector is one: list, watch from there, resume, list again after 410 Gone.

It is written on plain HTTP here, so that every step can be looked at.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from typing import Any

import pytest

from kubern.testing.servers import RunningServer
from kubern.testing.waiting import eventually

from .conftest import create_crd, definition

Object = dict[str, Any]
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class Informer:
    """Keeps `store` equal to what the server has, in a thread of its own, as often as its connection is cut."""

    def __init__(self, server: RunningServer, path: str) -> None:
        self.store: dict[str, Object] = {}
        self.lists = 0
        self.watches = 0
        self.events: list[tuple[str, str]] = []
        self._server = server
        self._path = path
        self._version = ""
        self._connection: http.client.HTTPSConnection | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._stopped = True
        self.cut()
        self._thread.join(10)
        assert not self._thread.is_alive()

    def cut(self) -> None:
        """Lose the connection, as networks do."""
        if self._connection is not None and self._connection.sock is not None:
            with contextlib.suppress(OSError):  # TLS' own shutdown would leave the reading thread without it
                socket.socket.shutdown(self._connection.sock, socket.SHUT_RDWR)

    def forget(self, version: str) -> None:
        """Resume from `version` the next time."""
        self._version = version
        self.cut()

    def _run(self) -> None:
        while not self._stopped:
            if not self._version:
                self._list()
            try:
                self._watch()
            except (OSError, http.client.HTTPException):
                continue

    def _list(self) -> None:
        answer = self._server.request("GET", f"{self._path}?resourceVersion=0").json()
        self.lists += 1
        self._version = answer["metadata"]["resourceVersion"]
        self.store = {item["metadata"]["name"]: item for item in answer["items"]}

    def _watch(self) -> None:
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self._server.port, context=self._server.ssl_context(), timeout=20
        )
        self._connection = connection
        query = f"watch=1&allowWatchBookmarks=true&timeoutSeconds=15&resourceVersion={self._version}"
        try:
            connection.request(
                "GET", f"{self._path}?{query}", headers={"Authorization": f"Bearer {self._server.token}"}
            )
            answer = connection.getresponse()
            assert answer.status == 200
            self.watches += 1
            while line := answer.readline():
                self._handle(json.loads(line))
        finally:
            connection.close()

    def _handle(self, event: Object) -> None:
        kind, obj = event["type"], event["object"]
        if kind == "ERROR":
            assert obj["code"] == 410, obj
            self._version = ""
            return
        self._version = obj["metadata"]["resourceVersion"]
        if kind == "BOOKMARK":
            return
        name = obj["metadata"]["name"]
        self.events.append((kind, name))
        if kind == "DELETED":
            del self.store[name]
        else:
            self.store[name] = obj


def listed(server: RunningServer, path: str) -> dict[str, Object]:
    return {item["metadata"]["name"]: item for item in server.request("GET", path).json()["items"]}


def versions(store: dict[str, Object]) -> dict[str, str]:
    return {name: item["metadata"]["resourceVersion"] for name, item in store.items()}


@pytest.fixture
def gadgets(cluster: RunningServer) -> str:
    """Custom resources in v1 and v2, stored as v1."""
    create_crd(cluster, "gadgets", "Gadget", {"v1": True, "v2": False})
    return "gadgets"


def make(server: RunningServer, path: str, version: str, name: str) -> None:
    body = {
        "apiVersion": f"clients.example.com/{version}",
        "kind": "Gadget",
        "metadata": {"name": name},
        "spec": {"size": name},
    }
    assert server.request("POST", path, body).status == 201


def test_custom_resources_across_a_storage_version_change(cluster: RunningServer, gadgets: str, namespace: str) -> None:
    """Informers of both versions never list again and miss nothing while the stored version changes."""
    paths = {
        version: f"/apis/clients.example.com/{version}/namespaces/{namespace}/{gadgets}" for version in ("v1", "v2")
    }
    informers = {version: Informer(cluster, path) for version, path in paths.items()}
    try:
        eventually(lambda: all(each.watches for each in informers.values()))
        make(cluster, paths["v1"], "v1", "a")
        crd = cluster.request("GET", f"{CRDS}/{gadgets}.clients.example.com").json()
        crd["spec"]["versions"] = definition(gadgets, "Gadget", {"v1": False, "v2": True})["spec"]["versions"]
        changed = cluster.request("PUT", f"{CRDS}/{gadgets}.clients.example.com", crd)
        assert changed.json()["status"]["storedVersions"] == ["v1", "v2"]
        make(cluster, paths["v2"], "v2", "b")
        scaled = cluster.request(
            "PATCH", f"{paths['v1']}/a", {"spec": {"replicas": 3}}, {"Content-Type": "application/merge-patch+json"}
        )
        assert scaled.json()["spec"]["replicas"] == 3
        assert cluster.request("DELETE", f"{paths['v2']}/b").status == 200
        wanted = [("ADDED", "a"), ("ADDED", "b"), ("MODIFIED", "a"), ("DELETED", "b")]
        for version, informer in informers.items():
            eventually(lambda informer=informer: len(informer.events) == len(wanted))  # type: ignore[misc]
            assert informer.events == wanted
            assert informer.store == listed(cluster, paths[version])
            assert {each["apiVersion"] for each in informer.store.values()} == {f"clients.example.com/{version}"}
            assert informer.lists == 1
    finally:
        for informer in informers.values():
            informer.stop()


def test_resuming(cluster: RunningServer, namespace: str) -> None:
    """After a cut the watch goes on where it was, and from an older revision it tells all that happened since."""
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    informer = Informer(cluster, path)
    try:
        eventually(lambda: informer.watches == 1)
        for number in range(20):
            cluster.request("POST", path, {"metadata": {"name": f"m{number}"}})
            if number % 5 == 0:
                informer.cut()
        eventually(lambda: len(informer.store) == 20)
        assert informer.lists == 1
        assert [name for kind, name in informer.events] == [f"m{number}" for number in range(20)]
        informer.forget("1")
        cluster.request("DELETE", f"{path}/m0")
        eventually(lambda: versions(informer.store) == versions(listed(cluster, path)))
        assert len(informer.store) == 19
    finally:
        informer.stop()
