"""Flags of admission plugins."""

from __future__ import annotations

from collections.abc import Callable

from kubern.testing.servers import RunningServer

Start = Callable[..., RunningServer]


def test_how_long_pods_stay_on_bad_nodes(start_server: Start) -> None:
    """The default tolerations have the seconds of the two flags."""
    server = start_server(
        "--disable-plugins=aggregator,apiextensions", "--disable-admission-plugins=ServiceAccount",
        "--default-not-ready-toleration-seconds=7", "--default-unreachable-toleration-seconds=9",
    )  # fmt: skip
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    made = server.request("POST", "/api/v1/namespaces/default/pods", pod).json()
    seconds = {toleration["key"]: toleration["tolerationSeconds"] for toleration in made["spec"]["tolerations"]}
    assert seconds == {"node.kubernetes.io/not-ready": 7, "node.kubernetes.io/unreachable": 9}
