"""One server for the tests of every kind, and a connection to it that is kept alive."""

from __future__ import annotations

import dataclasses
import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from kubern.testing.servers import RunningServer, running_server

NAMESPACE = "kinds"


@dataclasses.dataclass(frozen=True)
class Resource:
    """Where the objects of a kind are; `path` is their collection in the tests' namespace."""

    path: str
    verbs: tuple[str, ...]
    namespaced: bool


class Api:
    """Requests on one connection, and where each (api version, kind) is served."""

    def __init__(self, server: RunningServer) -> None:
        self._connection = http.client.HTTPSConnection(
            "127.0.0.1", server.port, context=server.ssl_context(), timeout=30
        )
        self._token = server.token
        self.resources: dict[tuple[str, str], Resource] = {}

    def close(self) -> None:
        self._connection.close()

    def __call__(
        self, method: str, path: str, body: Any = None, content: str = "json", accept: str = "application/json"
    ) -> tuple[int, Any]:
        """(status, the answer decoded if it is JSON, else its bytes)."""
        headers = {"Authorization": f"Bearer {self._token}", "Accept": accept, "Content-Type": f"application/{content}"}
        self._connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self._connection.getresponse()
        data = answer.read()
        is_json = (answer.getheader("Content-Type") or "").startswith("application/json")
        return answer.status, json.loads(data) if is_json else data

    def discover(self) -> None:
        """Fill `resources` with every kind that is served."""
        groups = self("GET", "/apis")[1]["groups"]
        for group_version in ["v1", *(version["groupVersion"] for group in groups for version in group["versions"])]:
            root = f"/api/{group_version}" if "/" not in group_version else f"/apis/{group_version}"
            for found in self("GET", root)[1]["resources"]:
                if "/" not in found["name"]:
                    place = f"/namespaces/{NAMESPACE}" if found["namespaced"] else ""
                    resource = Resource(f"{root}{place}/{found['name']}", tuple(found["verbs"]), found["namespaced"])
                    self.resources[group_version, found["kind"]] = resource


@pytest.fixture(scope="session")
def api() -> Iterator[Api]:
    """The server with a namespace and the service account that pods in it need."""
    with running_server("--authorization-mode=Node,RBAC") as server:
        made = Api(server)
        made("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        made("POST", f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts", {"metadata": {"name": "default"}})
        made.discover()
        yield made
        made.close()
