"""No route is open to those who may not use it: every request that the server knows, as nobody, as a stranger, as
somebody without rights."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kubern.testing.servers import RunningServer, running_server

GREETER = """
from kubern.contributions import HTTPRouter
from kubern.hookspecs import hookimpl


def greeter_router(server):
    from fastapi import APIRouter

    router = APIRouter()

    @router.get("/hello")
    async def hello() -> str:
        return "hello"

    return router


@hookimpl
def kubern_register_http_routers():
    return [HTTPRouter("greeter", "/greeter", greeter_router)]
"""
WIDGETS = {
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "names": {"plural": "widgets", "kind": "Widget"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1", "served": True, "storage": True, "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {"type": "object"}},
            }
        ],
    },
}  # fmt: skip
PUBLIC = ("/healthz", "/livez", "/readyz", "/version")
"""What system:public-info-viewer shows everybody, with what is below."""
FOR_ALL_USERS = (*PUBLIC, "/api", "/apis", "/openapi")
"""What system:discovery shows every user."""
SELF_REVIEWS = ("selfsubjectaccessreviews", "selfsubjectreviews", "selfsubjectrulesreviews")


def _module(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


walk = _module("walk")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Every member, a third party's router and a custom resource; the token `stranger` has no rights."""
    plugins = tmp_path_factory.mktemp("plugins")
    (plugins / "greeter.py").write_text(GREETER)
    with running_server(
        f"--plugins-dir={plugins}", "--authorization-mode=Node,RBAC", "--profiling", "--enable-logs-handler"
    ) as running:
        answer = running.request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", WIDGETS)
        assert answer.status == 201
        yield running


@pytest.fixture(scope="module")
def calls(server: RunningServer) -> list[Any]:
    """All requests; there are many."""
    found = [*walk.paths(server), walk.Call("GET", "/greeter/hello"), *walk.resources(server)]
    assert len(found) > 700
    assert any("/example.com/v1/namespaces/default/widgets/x/status" in call.path for call in found)
    return found


def _below(path: str, roots: tuple[str, ...]) -> bool:
    path = path.partition("?")[0]
    return any(path == root or path.startswith(f"{root}/") for root in roots)


def _is_resource(path: str) -> bool:
    parts = path.strip("/").split("/")
    return len(parts) > (2 if parts[0] == "api" else 3)


def _open(server: RunningServer, calls: list[Any], token: str | None, allowed: Callable[[Any], bool]) -> list[Any]:
    """What was neither refused with 401 nor with 403, and may not be."""
    before = walk.stored(server)
    with walk.connection(server, token) as ask:
        found = [(call, status) for call in calls if (status := ask(call)) not in (401, 403) and not allowed(call)]
    assert walk.stored(server) == before
    return found


@pytest.mark.slow
def test_nobody_sees_more_than_the_public_paths(server: RunningServer, calls: list[Any]) -> None:
    """Health and version are open; everything else is refused to requests without a credential."""
    assert _open(server, calls, None, lambda call: call.method == "GET" and _below(call.path, PUBLIC)) == []


@pytest.mark.slow
def test_a_wrong_credential_opens_nothing(server: RunningServer, calls: list[Any]) -> None:
    """Not even what is public."""
    with walk.connection(server, "wrong") as ask:
        assert {ask(call) for call in calls} == {401}


@pytest.mark.slow
def test_a_user_without_rights_sees_discovery_only(server: RunningServer, calls: list[Any]) -> None:
    """And may ask about themselves."""
    account = "/api/v1/namespaces/default/serviceaccounts"
    server.request("POST", "/api/v1/namespaces", {"metadata": {"name": "default"}})
    assert server.request("POST", account, {"metadata": {"name": "stranger"}}).status == 201
    issued = server.request("POST", f"{account}/stranger/token", {"spec": {}})
    token = issued.json()["status"]["token"]

    def allowed(call: Any) -> bool:
        if call.path.endswith(SELF_REVIEWS) and call.method == "POST":
            return True
        discovery = _below(call.path, FOR_ALL_USERS) and not _is_resource(call.path)
        documents = call.path in ("/.well-known/openid-configuration", "/openid/v1/jwks")
        return call.method == "GET" and (discovery or _below(call.path, (*PUBLIC, "/openapi")) or documents)

    assert _open(server, calls, token, allowed) == []


@pytest.mark.slow
def test_without_anonymous_requests_nothing_is_public(start_server: Callable[..., RunningServer]) -> None:
    """--anonymous-auth=false closes health and version too."""
    server = start_server("--authorization-mode=RBAC", "--anonymous-auth=false")
    with walk.connection(server, None) as ask:
        assert {ask(call) for call in walk.paths(server)} == {401}


def test_the_walk_finds_open_routes(start_server: Callable[..., RunningServer]) -> None:
    """A server that allows everything is not taken for one that does not."""
    server = start_server("--authorization-mode=AlwaysAllow")
    calls = [walk.Call("GET", path) for path in ("/metrics", "/api/v1/secrets", "/openapi/v2")]
    assert _open(server, calls, server.token, lambda call: False) == [(call, 200) for call in calls]
