"""A namespace of each test module's own, and requests in it as short as they are in prose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kubern.testing.fixtures import server
from kubern.testing.servers import Response, RunningServer

__all__ = ["server"]

PATCH_TYPES = {
    "json": "application/json-patch+json",
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "apply": "application/apply-patch+yaml",
}


class Client:
    """Requests below one namespace: paths without a leading slash are relative to it."""

    def __init__(self, server: RunningServer, namespace: str) -> None:
        self.server = server
        self.namespace = namespace

    def path(self, path: str) -> str:
        """`configmaps/a` and `apps/v1/deployments` in full."""
        if path.startswith("/"):
            return path
        parts = path.split("?", 1)[0].split("/")
        if len(parts) > 2 and parts[1].startswith("v") and parts[1][1:2].isdigit():
            group, version, rest = path.split("/", 2)
            return f"/apis/{group}/{version}/namespaces/{self.namespace}/{rest}"
        return f"/api/v1/namespaces/{self.namespace}/{path}"

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        """A request; `Content_Type="..."` and the like are headers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.server.request(method, self.path(path), body, named)

    def patch(self, kind: str, path: str, body: Any) -> Response:
        """A PATCH of a type: json, merge, strategic or apply."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self("PATCH", path, content, Content_Type=PATCH_TYPES[kind])

    def config_map(self, name: str, **more: Any) -> Any:
        """Create a config map; the object."""
        metadata = {"name": name, **more.pop("metadata", {})}
        answer = self("POST", "configmaps", {"metadata": metadata, **more})
        assert answer.status == 201, answer.body
        return answer.json()


def message(answer: Response) -> tuple[int, str]:
    """Status code and message of a Status."""
    return answer.status, answer.json().get("message", "")


@pytest.fixture(scope="module")
def client(server: RunningServer, request: pytest.FixtureRequest) -> Iterator[Client]:
    """Requests in a namespace named after the module, with the service account that pods want."""
    namespace = request.module.__name__.rsplit(".", 1)[-1].replace("_", "-")
    assert server.request("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}}).status == 201
    out = Client(server, namespace)
    out("POST", "serviceaccounts", {"metadata": {"name": "default"}})
    yield out
    server.request("DELETE", f"/api/v1/namespaces/{namespace}")
