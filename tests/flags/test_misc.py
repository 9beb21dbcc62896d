"""Flags about services, nodes, events and the control plane."""

from __future__ import annotations

import time
from collections.abc import Callable

from kubern.testing.servers import RunningServer

Start = Callable[..., RunningServer]
LEAN = "--disable-plugins=aggregator,apiextensions"


def test_the_logs_handler(start_server: Start) -> None:
    """/logs lists /var/log, shows its files, and never leaves it."""
    server = start_server(LEAN, "--enable-logs-handler")
    listing = server.request("GET", "/logs/")
    assert listing.status == 200
    assert b"<pre>" in listing.body
    for path in ("/logs/../../etc/passwd", "/logs/..%2f..%2fetc/passwd", "/logs/no-such-file"):
        assert server.request("GET", path).status == 404
    assert server.request("GET", "/logs", token=None).status == 401


def test_there_is_no_logs_handler_by_default(server: RunningServer) -> None:
    """Nothing at /logs."""
    assert server.request("GET", "/logs/").status == 404


POD_SPEC = {"containers": [{"name": "c", "image": "i", "securityContext": {"privileged": True}}]}
MESSAGE = "securityContext.privileged: Forbidden: disallowed by cluster policy"


def test_privileged_containers_are_forbidden_on_request(start_server: Start) -> None:
    """--allow-privileged=false holds for pods and for templates of pods, on creation and on update."""
    server = start_server(LEAN, "--allow-privileged=false", "--disable-admission-plugins=ServiceAccount")
    pods = "/api/v1/namespaces/default/pods"
    refused = server.request("POST", pods, {"metadata": {"name": "p"}, "spec": POD_SPEC})
    assert (refused.status, refused.json()["message"]) == (
        422, f'Pod "p" is invalid: spec.containers[0].{MESSAGE}',
    )  # fmt: skip
    jobs = "/apis/batch/v1/namespaces/default/jobs"
    job = {"metadata": {"name": "j"}, "spec": {"template": {"spec": {**POD_SPEC, "restartPolicy": "Never"}}}}
    refused = server.request("POST", jobs, job)
    assert refused.status == 422
    assert f"spec.template.spec.containers[0].{MESSAGE}" in refused.json()["message"]
    plain = {"containers": [{"name": "c", "image": "i"}]}
    assert server.request("POST", pods, {"metadata": {"name": "p"}, "spec": plain}).status == 201


def test_privileged_containers_are_allowed_when_nothing_is_said(server: RunningServer) -> None:
    """Unlike kube-apiserver's own default, which every installer changes."""
    path = "/api/v1/namespaces/default/podtemplates"
    template = {"metadata": {"name": "t"}, "template": {"spec": POD_SPEC}}
    assert server.request("POST", path, template).status == 201


def test_events_expire(start_server: Start) -> None:
    """--event-ttl"""
    server = start_server(LEAN, "--event-ttl=1s")
    path = "/api/v1/namespaces/default/events"
    event = {"metadata": {"name": "e"}, "involvedObject": {"namespace": "default"}}
    assert server.request("POST", path, event).status == 201
    deadline = time.monotonic() + 15
    while server.request("GET", f"{path}/e").status == 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_node_ports(start_server: Start) -> None:
    """--service-node-port-range is where they come from; the server's own service has one when the flag says so."""
    server = start_server(LEAN, "--service-node-port-range=31000-31009", "--kubernetes-service-node-port=31005")
    services = "/api/v1/namespaces/default/services"
    own = server.request("GET", f"{services}/kubernetes").json()
    assert (own["spec"]["type"], own["spec"]["ports"][0]["nodePort"]) == ("NodePort", 31005)
    service = {"metadata": {"name": "s"}, "spec": {"type": "NodePort", "ports": [{"port": 80}]}}
    port = server.request("POST", services, service).json()["spec"]["ports"][0]["nodePort"]
    assert 31000 <= port <= 31009
    assert port != 31005
    service = {"metadata": {"name": "t"}, "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30000}]}}
    refused = server.request("POST", services, service)
    assert refused.status == 422
    assert "The range of valid ports is 31000-31009" in refused.json()["message"]
