"""PUT and apply of what is not there yet."""

from __future__ import annotations

from typing import Any

_TEXT = 'strconv.ParseUint: parsing "abc": invalid syntax'


def test_a_version_that_is_none_creates_nothing(client: Any) -> None:
    """Any other version is passed over: there is nothing that it could be compared with."""
    path = "coordination.k8s.io/v1/leases/a"
    answer = client("PUT", path, {"metadata": {"name": "a", "resourceVersion": "abc"}})
    assert (answer.status, answer.json()["message"]) == (500, _TEXT)
    assert client("GET", path).status == 404
    assert client("PUT", path, {"metadata": {"name": "a", "resourceVersion": "7"}}).status == 201


def test_an_apply_with_a_version_that_is_none_creates_nothing(client: Any) -> None:
    """Apply creates by the same way."""

    def apply(version: str) -> Any:
        metadata = {"name": "b", "resourceVersion": version}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
        return client.patch("apply", "configmaps/b?fieldManager=m", body)

    assert (apply("abc").status, apply("abc").json()["message"]) == (500, _TEXT)
    assert apply("7").status == 201
