"""Objects that no kind's rules limit are limited by storage."""

from __future__ import annotations

from kubern.testing.servers import RunningServer

TEMPLATES = "/api/v1/namespaces/default/podtemplates"


def _template(name: str, size: int) -> object:
    container = {"name": "c", "image": "i", "env": [{"name": "LARGE", "value": "x" * size}]}
    return {"metadata": {"name": name}, "template": {"spec": {"containers": [container]}}}


def test_objects_beyond_etcds_limit_are_refused_in_its_words(server: RunningServer) -> None:
    """One and a half megabytes, whatever the storage; nothing is stored."""
    answer = server.request("POST", TEMPLATES, _template("large", 1_600_000))
    assert (answer.status, answer.json()) == (
        500,
        {
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": "etcdserver: request is too large", "code": 500,
        },
    )  # fmt: skip
    assert server.request("GET", f"{TEMPLATES}/large").status == 404
    assert server.request("POST", TEMPLATES, _template("fits", 1_400_000)).status == 201
