"""Every request that a server has an answer for, from what it says of itself. Used by `test_routes.py`."""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from kubern.testing.servers import RunningServer

METHODS = {
    "get": "GET", "list": "GET", "watch": "GET", "create": "POST", "update": "PUT", "patch": "PATCH",
    "delete": "DELETE", "deletecollection": "DELETE",
}  # fmt: skip
UNLISTED_PATHS = (
    "/debug/pprof/", "/debug/pprof/profile", "/debug/flags/v", "/debug/api_priority_and_fairness/dump_requests",
    "/logs", "/logs/", "/swagger.json", "/swaggerapi", "/docs", "/redoc", "/openapi.json", "/openapi/v2",
    "/openapi/v3/api/v1", "/metrics", "/metrics/slis", "/flagz", "/statusz", "/configz", "/api/", "/apis/",
    "/version/", "/nowhere", "/%2e%2e/api/v1/secrets", "/api//v1/secrets", "/api/v1/../v1/secrets",
    "/.well-known/openid-configuration", "/openid/v1/jwks", "/static", "/ui",
)  # fmt: skip
"""Paths that a server's own list does not name, or that other servers have."""


class Call(NamedTuple):
    """A request."""

    method: str
    path: str


class Connection:
    """One user's connection, kept for all requests."""

    def __init__(self, server: RunningServer, token: str | None) -> None:
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._connection = http.client.HTTPSConnection(
            "127.0.0.1", server.port, context=server.ssl_context(), timeout=30
        )

    def __call__(self, call: Call) -> int:
        """The status of the answer."""
        body = None if call.method == "GET" else b"{}"
        headers = {**self._headers, **({"Content-Type": "application/json"} if body else {})}
        self._connection.request(call.method, call.path, body, headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status

    def close(self) -> None:
        """Give up the connection."""
        self._connection.close()


@contextlib.contextmanager
def connection(server: RunningServer, token: str | None) -> Iterator[Connection]:
    """As the owner of a token, None for nobody."""
    made = Connection(server, token)
    with contextlib.closing(made):
        yield made


def paths(server: RunningServer) -> list[Call]:
    """Everything outside of resources, with the methods that change things too."""
    listed = [path for path in server.request("GET", "/").json()["paths"] if "/poststarthook/" not in path]
    return [Call(method, path) for path in (*listed, *UNLISTED_PATHS) for method in ("GET", "POST", "DELETE")]


def resources(server: RunningServer) -> list[Call]:
    """Every verb of every resource and subresource, in one namespace and in all."""
    roots = ["/api/v1"]
    for group in server.request("GET", "/apis").json()["groups"]:
        roots += [f"/apis/{version['groupVersion']}" for version in group["versions"]]
    return [
        call
        for root in roots
        for resource in server.request("GET", root).json()["resources"]
        for call in _calls(root, resource)
    ]


def _calls(root: str, resource: dict[str, Any]) -> Iterator[Call]:
    name, _, subresource = resource["name"].partition("/")
    collections = [f"{root}/{name}"]
    if resource["namespaced"]:
        collections.append(f"{root}/namespaces/default/{name}")
    one = f"{collections[-1]}/x{'/' if subresource else ''}{subresource}"
    for verb in resource["verbs"]:
        if verb in ("list", "watch", "deletecollection"):
            query = "?watch=1&timeoutSeconds=1" if verb == "watch" else ""
            yield from (Call(METHODS[verb], path + query) for path in collections)
        elif verb == "create" and not subresource:
            yield Call("POST", collections[-1])
        else:
            yield Call(METHODS[verb], one)
    if subresource == "proxy":
        yield Call("GET", f"{one}/some/path")
    if subresource in ("exec", "attach", "portforward", "log", "proxy"):
        yield Call("GET", one)


def stored(server: RunningServer) -> str:
    """What the server holds, as text to compare."""
    return json.dumps([server.request("GET", f"/api/v1/{name}").json()["items"] for name in ("namespaces", "secrets")])
