"""Patches that change what a custom resource claims to be."""

from __future__ import annotations

from typing import Any

import pytest

from kubern.testing.waiting import eventually

CRD = {
    "metadata": {"name": "notes.patches.example"},
    "spec": {
        "group": "patches.example",
        "scope": "Namespaced",
        "names": {"plural": "notes", "kind": "Note"},
        "versions": [
            {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}},
        ],
    },
}


@pytest.fixture(scope="module", autouse=True)
def note(client: Any) -> None:
    assert client("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", CRD).status == 201
    body = {"apiVersion": "patches.example/v1", "kind": "Note", "metadata": {"name": "n"}}
    eventually(lambda: client("POST", "patches.example/v1/notes", body).status == 201)


@pytest.mark.parametrize(
    ("patch", "text"),
    [
        ({"kind": "Memo"}, 'Memo.patches.example "n" is invalid: kind: Invalid value: "Memo": must be Note'),
        (
            {"apiVersion": "patches.example/v2"},
            'Note.patches.example "n" is invalid: apiVersion: Invalid value: "patches.example/v2": '
            "must be patches.example/v1",
        ),
    ],
)
def test_validation_refuses_another_type(client: Any, patch: Any, text: str) -> None:
    """Under the name that the object gives itself."""
    answer = client.patch("merge", "patches.example/v1/notes/n", patch)
    assert (answer.status, answer.json()["message"]) == (422, text)


def test_an_object_without_a_kind_does_not_decode(client: Any) -> None:
    """Unlike built-in kinds, custom resources have no other way of knowing."""
    answer = client.patch("json", "patches.example/v1/notes/n", [{"op": "remove", "path": "/kind"}])
    assert answer.status == 422
    assert ": Object 'Kind' is missing in '{" in answer.json()["message"]
