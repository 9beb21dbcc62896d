"""A list of what is stored nowhere: selected like any other, never watched."""

from __future__ import annotations

from typing import Any

PATH = "/api/v1/componentstatuses"


def _names(answer: Any) -> list[str]:
    return [item["metadata"]["name"] for item in answer.json()["items"]]


def test_component_statuses_are_listed_and_selected(client: Any) -> None:
    """By name; they have no labels, and no other fields to be selected by."""
    assert sorted(_names(client("GET", PATH))) == ["controller-manager", "etcd-0", "scheduler"]
    assert _names(client("GET", f"{PATH}?fieldSelector=metadata.name%3Detcd-0")) == ["etcd-0"]
    assert _names(client("GET", f"{PATH}?labelSelector=a")) == []
    assert client("GET", f"{PATH}?labelSelector=a+in").status == 400


def test_what_is_stored_nowhere_is_not_watched(client: Any) -> None:
    """405 by the parameter, and no such path as the old one."""
    answer = client("GET", f"{PATH}?watch=1")
    assert answer.status == 405
    assert answer.json()["message"] == 'watch is not supported on resources of kind "componentstatuses"'
    assert client("GET", "/api/v1/watch/componentstatuses").status == 404
