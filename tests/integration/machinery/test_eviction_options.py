"""DeleteOptions inside an Eviction, and names that are not there."""

from __future__ import annotations

from typing import Any

import pytest

POD = {"spec": {"automountServiceAccountToken": False, "containers": [{"name": "c", "image": "i"}]}}


@pytest.fixture(scope="module", autouse=True)
def pod(client: Any) -> None:
    assert client("POST", "pods", {"metadata": {"name": "p"}, **POD}).status == 201


@pytest.mark.parametrize(
    ("query", "options", "status", "text"),
    [
        (
            "",
            {"propagationPolicy": "Never"},
            422,
            'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Never": supported values: '
            '"Foreground", "Background", "Orphan", "nil"',
        ),
        (
            "?dryRun=All",
            {"dryRun": ["Some"]},
            500,
            "Non-matching dry-run options in request and content: [All] and [Some]",
        ),
    ],
)
def test_options_of_an_eviction_are_checked(client: Any, query: str, options: Any, status: int, text: str) -> None:
    """As those of a deletion, and against the query; nothing is evicted."""
    answer = client("POST", f"pods/p/eviction{query}", {"metadata": {"name": "p"}, "deleteOptions": options})
    assert (answer.status, answer.json()["message"]) == (status, text)
    assert client("GET", "pods/p").status == 200


def test_a_binding_without_a_name_binds_nothing(client: Any) -> None:
    """The old path takes the name from the body alone."""
    answer = client("POST", "bindings", {"target": {"name": "n"}})
    assert (answer.status, answer.json()["message"]) == (400, "Name parameter required.")
