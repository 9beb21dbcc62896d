"""A resourceVersion on an object that is to be created."""

from __future__ import annotations

import pytest

from kubern.testing.servers import RunningServer

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"


def _create(server: RunningServer, name: str, version: str, query: str = "") -> tuple[int, str]:
    body = {"metadata": {"name": name, "resourceVersion": version}}
    answer = server.request("POST", CONFIG_MAPS + query, body)
    return answer.status, answer.json().get("message", "")


@pytest.mark.parametrize("version", ["abc", "-1", "0", "9" * 5000])
def test_what_names_no_revision_is_passed_over(server: RunningServer, version: str) -> None:
    """The object is created as if nothing had been given."""
    assert _create(server, f"passed-{version[:3].strip('-')}", version)[0] == 201


def test_a_revision_is_refused(server: RunningServer) -> None:
    """By storage, so that a dry run does not meet it."""
    refused = (500, "resourceVersion should not be set on objects to be created")
    assert _create(server, "refused", "5") == refused
    assert server.request("GET", f"{CONFIG_MAPS}/refused").status == 404
    assert _create(server, "refused", "5", "?dryRun=All")[0] == 201


def test_an_update_needs_a_number(server: RunningServer) -> None:
    """In Go's words, also when it has thousands of digits."""
    _create(server, "updated", "")
    for version, problem in (("x", "invalid syntax"), ("9" * 5000, "value out of range")):
        body = {"metadata": {"name": "updated", "resourceVersion": version}}
        answer = server.request("PUT", f"{CONFIG_MAPS}/updated", body)
        assert (answer.status, answer.json()["message"]) == (500, f'strconv.ParseUint: parsing "{version}": {problem}')
