"""Runtime classes: how they come to be."""

from __future__ import annotations

from typing import Any


def test_a_put_creates(api: Any) -> None:
    """A runtime class that does not exist is created by a PUT."""
    body = {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": "put"}, "handler": "h"}
    assert api.put("/apis/node.k8s.io/v1/runtimeclasses/put", body)["handler"] == "h"
