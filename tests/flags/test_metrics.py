"""What /metrics shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kubern.testing.servers import RunningServer

Start = Callable[..., RunningServer]
LEAN = "--disable-plugins=aggregator,apiextensions"


def _lines(server: RunningServer, start: str) -> list[str]:
    text = server.request("GET", "/metrics").body.decode()
    return [line for line in text.splitlines() if line.startswith(start)]


def test_disabled_metrics_are_left_out(start_server: Start) -> None:
    """By full name, counters with their ending."""
    server = start_server(LEAN, "--disabled-metrics=apiserver_request_total,apiserver_current_inflight_requests")
    server.request("GET", "/version")
    assert not _lines(server, "apiserver_request_total")
    assert not _lines(server, "apiserver_current_inflight_requests")
    assert _lines(server, "apiserver_request_duration_seconds_count")


def test_labels_are_held_to_allowed_values(start_server: Start, tmp_path: Path) -> None:
    """Other values become `unexpected` and are counted together; a manifest says the same as the flag."""
    manifest = tmp_path / "labels.yaml"
    manifest.write_text("apiserver_request_total,verb: GET,LIST\n")
    server = start_server(
        LEAN, f"--allow-metric-labels-manifest={manifest}", "--allow-metric-labels=apiserver_request_total,code=200"
    )
    server.request("GET", "/version")
    for name in ("a", "b"):
        server.request("POST", "/api/v1/namespaces/default/configmaps", {"metadata": {"name": name}})
    server.request("DELETE", "/api/v1/namespaces/default/configmaps/a")
    lines = _lines(server, "apiserver_request_total")
    assert {verb for line in lines for verb in [line.partition('verb="')[2].partition('"')[0]]} <= {
        "GET", "LIST", "unexpected",
    }  # fmt: skip
    created = [line for line in lines if 'resource="configmaps"' in line and 'code="unexpected"' in line]
    assert [line.rpartition(" ")[2] for line in created] == ["2.0"]


def test_storage_is_measured(start_server: Start) -> None:
    """The number of objects is never old, and a period of 0 leaves it out."""
    server = start_server(LEAN, "--storage-backend=sqlite")
    before = _lines(server, 'apiserver_resource_objects{group="",resource="configmaps"}')
    server.request("POST", "/api/v1/namespaces/default/configmaps", {"metadata": {"name": "c"}})
    after = _lines(server, 'apiserver_resource_objects{group="",resource="configmaps"}')
    assert float(after[0].split()[-1]) == float(before[0].split()[-1]) + 1
    assert float(_lines(server, 'apiserver_storage_size_bytes{storage_cluster_id="etcd-0"}')[0].split()[-1]) > 0
    silent = start_server(LEAN, "--etcd-count-metric-poll-period=0", "--etcd-db-metric-poll-interval=0")
    assert not _lines(silent, "apiserver_resource_objects")
    assert not _lines(silent, "apiserver_storage_size_bytes")


def test_what_dashboards_ask_for_is_there(server: RunningServer) -> None:
    """Histograms of requests under both names, authentication, terminations, and the version; no _created series."""
    server.request("GET", "/api/v1/namespaces")
    server.request("GET", "/version", token="wrong")
    for name in ("apiserver_request_duration_seconds", "apiserver_request_sli_duration_seconds"):
        lines = [line for line in _lines(server, f"{name}_bucket") if 'resource="namespaces"' in line]
        assert any('le="+Inf"' in line and 'verb="LIST"' in line for line in lines)
    assert [line for line in _lines(server, "apiserver_request_total") if 'code="401"' in line]
    assert _lines(server, 'authentication_attempts_total{result="success"}')
    assert _lines(server, 'authentication_attempts_total{result="error"}')
    assert _lines(server, 'authenticated_user_requests_total{username="other"}')
    assert 'git_version="v1.36.' in _lines(server, "kubernetes_build_info")[0]
    assert not [line for line in _lines(server, "") if "_created" in line.partition("{")[0]]
    assert _lines(server, "process_resident_memory_bytes")


def test_events_of_watches_are_counted(server: RunningServer) -> None:
    """By resource, when they are sent."""
    path = "/api/v1/namespaces/default/configmaps"
    server.request("POST", path, {"metadata": {"name": "watched"}})
    server.request("GET", f"{path}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dwatched")
    lines = [line for line in _lines(server, "apiserver_watch_events_total") if 'resource="configmaps"' in line]
    assert float(lines[0].split()[-1]) >= 1
