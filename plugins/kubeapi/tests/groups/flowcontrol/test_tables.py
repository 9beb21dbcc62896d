"""Tables of flow schemas."""

from __future__ import annotations

from typing import Any

_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


def test_rows_follow_precedence(api: Any) -> None:
    """Flow schemas are listed in the order in which requests meet them."""
    rows = api.get("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas", _TABLE)["rows"]
    order = [(row["cells"][2], row["cells"][0]) for row in rows]
    assert order == sorted(order)
    assert order[0][1] == "exempt"
    assert order[-1][1] == "catch-all"
