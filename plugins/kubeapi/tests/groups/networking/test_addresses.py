"""IP addresses: what they show of their parents."""

from __future__ import annotations

from typing import Any

_PATH = "/apis/networking.k8s.io/v1/ipaddresses"
_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


def test_parent(api: Any) -> None:
    """The parent of an address is fixed, and its table's rows have one cell more than there are columns."""
    table = api.get(_PATH, _TABLE)
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "ParentRef"]
    name, parent, _ = next(row["cells"] for row in table["rows"] if row["cells"][1] == "services/default/kubernetes")
    answer = api.patch(f"{_PATH}/{name}", {"spec": {"parentRef": {"resource": "gateways"}}})
    shown = '{"Group":"","Resource":"gateways","Namespace":"default","Name":"kubernetes"}'
    assert [c["message"] for c in answer["details"]["causes"]] == [f"Invalid value: {shown}: field is immutable"]
    assert parent == "services/default/kubernetes"
