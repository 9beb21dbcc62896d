"""Which endpoints answer with tables."""

from __future__ import annotations

from typing import Any

import pytest

_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
_NAMESPACE = "/api/v1/namespaces/default"
_NOT_ACCEPTABLE = (
    "only the following media types are accepted: application/json, application/yaml, "
    "application/vnd.kubernetes.protobuf"
)


@pytest.mark.parametrize("path", [f"{_NAMESPACE}/serviceaccounts/a/token", f"{_NAMESPACE}/pods/a/eviction"])
def test_no_tables_of_tokens(server: Any, path: str) -> None:
    """Subresources with a kind of their own have no rows to show."""
    answer = server.request("POST", path, {}, headers={"Accept": _TABLE})
    assert (answer.status, answer.json()["message"]) == (406, _NOT_ACCEPTABLE)


def test_tables_of_statuses_and_scales(server: Any) -> None:
    """A status is shown as its object, a scale by its replicas."""
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"replicas": 2, "selector": {"matchLabels": {"a": "b"}}, "template": template}
    path = "/apis/apps/v1/namespaces/default/deployments"
    assert server.request("POST", path, {"metadata": {"name": "tabled"}, "spec": spec}).status == 201
    for name, first in (("status", ["tabled", "0/2", 0, 0]), ("scale", ["tabled", 2, 0])):
        table = server.request("GET", f"{path}/tabled/{name}", headers={"Accept": _TABLE}).json()
        assert table["rows"][0]["cells"][: len(first)] == first
