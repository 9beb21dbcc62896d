"""A running server, and what it says against objects and changes of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from kubern.testing.servers import Response, RunningServer, running_server

Object = dict[str, Any]
Causes = list[tuple[str, str]]
_MERGE = {"Content-Type": "application/merge-patch+json"}


class Api:
    """The API as the tests of kinds use it: (field, message) pairs of what is invalid, [] when all is well."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self._numbers = itertools.count()

    def get(self, path: str, accept: str = "application/json") -> Any:
        return self._server.request("GET", path, headers={"Accept": accept}).json()

    def create(self, path: str, body: Object) -> str:
        """Creates the object under a name of its own; where it is."""
        name = f"o{next(self._numbers)}"
        answer = self._server.request("POST", path, {**body, "metadata": {**body.get("metadata", {}), "name": name}})
        assert answer.status == 201, answer.json()
        return f"{path}/{name}"

    def post(self, path: str, body: Object) -> Any:
        return self._server.request("POST", path, body).json()

    def put(self, path: str, body: Object) -> Any:
        return self._server.request("PUT", path, body).json()

    def patch(self, path: str, patch: Object, user: str = "") -> Any:
        """The answer to a merge patch, of the administrator or another user."""
        headers = {**_MERGE, "Impersonate-User": user} if user else _MERGE
        return self._server.request("PATCH", path, patch, headers).json()

    def causes(self, path: str, body: Object) -> Causes:
        """What is wrong with a new object."""
        named = {**body, "metadata": {"name": "new", **body.get("metadata", {})}}
        return _causes(self._server.request("POST", f"{path}?dryRun=All", named).json())

    def warnings(self, path: str, body: Object, patch: Object) -> tuple[str, str]:
        """What a client is warned of (last) when the object is created, and when it is changed; "" for nothing."""
        created = self._server.request("POST", path, {**body, "metadata": {"name": f"o{next(self._numbers)}"}})
        assert created.status == 201, created.json()
        place = f"{path}/{created.json()['metadata']['name']}"
        return _warning(created), _warning(self._server.request("PATCH", place, patch, _MERGE))

    def causes_of_change(self, path: str, body: Object, patch: Object, subresource: str = "") -> Causes:
        """What is wrong with a merge patch of an object that was created as `body`."""
        return _causes(self.patch(self.create(path, body) + subresource, patch))


def _causes(answer: Object) -> Causes:
    if answer["kind"] != "Status":
        return []
    assert answer["reason"] == "Invalid", answer
    return [(cause["field"], cause["message"]) for cause in answer["details"]["causes"]]


def _warning(answer: Response) -> str:
    # A header is `299 - "TEXT"`, quotes in the text escaped.
    return answer.headers.get("warning", "")[7:-1].replace('\\"', '"')


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    """A server with RBAC, shared by all tests of kinds."""
    with running_server("--authorization-mode=RBAC") as running:
        yield running


@pytest.fixture(scope="session")
def api(server: RunningServer) -> Api:
    """The API of that server."""
    return Api(server)
