"""Where audit events go and how."""

from __future__ import annotations

import functools
import gzip
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kubern.testing.servers import RunningServer
from kubern.testing.waiting import eventually

from .json_server import JSONServer, json_server

Start = Callable[..., RunningServer]
LEAN = "--disable-plugins=aggregator,apiextensions"
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture
def policy(tmp_path: Path) -> str:
    """Whole requests and answers of config maps, and nothing else."""
    path = tmp_path / "policy.yaml"
    path.write_text(
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n"
        "- level: RequestResponse\n  verbs: [create]\n  resources: [{group: '', resources: [configmaps]}]\n"
        "- level: None\n"
    )
    return f"--audit-policy-file={path}"


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[JSONServer]:
    with json_server(tmp_path, lambda document: (200, {})) as server:
        yield server


def _create(server: RunningServer, name: str, size: int = 1) -> None:
    answer = server.request("POST", CONFIG_MAPS, {"metadata": {"name": name}, "data": {"k": "x" * size}})
    assert answer.status == 201


def _has_lines(log: Path, number: int) -> bool:
    return log.exists() and log.read_text().count("\n") == number


def test_formats_of_the_log(start_server: Start, policy: str, tmp_path: Path) -> None:
    """JSON, an event a line, or the line of text that older versions wrote."""
    for form in ("json", "legacy"):
        log = tmp_path / form
        _create(start_server(LEAN, policy, f"--audit-log-path={log}", f"--audit-log-format={form}"), form)
        eventually(functools.partial(_has_lines, log, 1))
    event = json.loads((tmp_path / "json").read_text())
    assert (event["verb"], event["objectRef"]["name"], event["responseStatus"]["code"]) == ("create", "json", 201)
    line = (tmp_path / "legacy").read_text()
    assert ' AUDIT: id="' in line
    assert ' stage="ResponseComplete" ' in line
    assert ' method="create" ' in line


def test_the_log_is_rotated(start_server: Start, policy: str, tmp_path: Path) -> None:
    """A full file is put aside and compressed; so many are kept and no more."""
    log = tmp_path / "log" / "audit.log"
    log.parent.mkdir()
    flags = ("--audit-log-maxsize=1", "--audit-log-maxbackup=2", "--audit-log-compress", "--audit-log-maxage=1")
    server = start_server(LEAN, policy, f"--audit-log-path={log}", *flags)
    for number in range(9):
        _create(server, f"c{number}", 300_000)
    eventually(lambda: len(list(log.parent.glob("audit-*.log.gz"))) == 2)
    eventually(lambda: len(list(log.parent.iterdir())) == 3)
    for path in log.parent.glob("audit-*.log.gz"):
        for line in gzip.decompress(path.read_bytes()).splitlines():
            assert json.loads(line)["verb"] == "create"


def test_batches_of_the_log(start_server: Start, policy: str, tmp_path: Path) -> None:
    """Events wait for each other until there are enough, or long enough, and none is lost at the end."""
    log = tmp_path / "audit.log"
    flags = (
        "--audit-log-mode=batch", "--audit-log-batch-buffer-size=100", "--audit-log-batch-max-size=2",
        "--audit-log-batch-max-wait=1h", "--audit-log-batch-throttle-enable", "--audit-log-batch-throttle-qps=100",
        "--audit-log-batch-throttle-burst=100",
    )  # fmt: skip
    server = start_server(LEAN, policy, f"--audit-log-path={log}", *flags)
    _create(server, "a")
    time.sleep(0.2)
    assert not log.exists() or not log.read_text()
    _create(server, "b")
    eventually(functools.partial(_has_lines, log, 2))


def test_events_are_truncated(start_server: Start, policy: str, tmp_path: Path) -> None:
    """An event that is too large goes without its objects, and says so."""
    log = tmp_path / "audit.log"
    limits = ("--audit-log-truncate-max-event-size=5000", "--audit-log-truncate-max-batch-size=10000")
    server = start_server(LEAN, policy, f"--audit-log-path={log}", "--audit-log-truncate-enabled", *limits)
    _create(server, "small")
    _create(server, "large", 10_000)
    eventually(functools.partial(_has_lines, log, 2))
    small, large = map(json.loads, log.read_text().splitlines())
    assert small["requestObject"]["metadata"]["name"] == "small"
    assert "requestObject" not in large
    assert large["annotations"]["audit.k8s.io/truncated"] == "true"


def test_the_webhook_backend(start_server: Start, policy: str, backend: JSONServer) -> None:
    """Lists of events, as large and as soon as the flags say."""
    flags = (
        "--audit-webhook-mode=batch", "--audit-webhook-batch-buffer-size=100", "--audit-webhook-batch-max-size=3",
        "--audit-webhook-batch-max-wait=1h", "--audit-webhook-batch-throttle-enable=false",
        "--audit-webhook-batch-throttle-qps=1", "--audit-webhook-batch-throttle-burst=1",
        "--audit-webhook-initial-backoff=10ms",
    )  # fmt: skip
    server = start_server(LEAN, policy, f"--audit-webhook-config-file={backend.kubeconfig}", *flags)
    for name in ("a", "b", "c"):
        _create(server, name)
    eventually(lambda: len(backend.requests) == 1)
    assert [_name(event) for event in backend.requests[0]["items"]] == ["a", "b", "c"]


def test_the_webhook_truncates_too(start_server: Start, policy: str, backend: JSONServer) -> None:
    """In blocking mode every event is a request of its own."""
    flags = (
        "--audit-webhook-mode=blocking", "--audit-webhook-truncate-enabled",
        "--audit-webhook-truncate-max-event-size=5000", "--audit-webhook-truncate-max-batch-size=10000",
    )  # fmt: skip
    server = start_server(LEAN, policy, f"--audit-webhook-config-file={backend.kubeconfig}", *flags)
    _create(server, "a")
    _create(server, "b", 10_000)
    eventually(lambda: len(backend.requests) == 2)
    assert [[_name(event) for event in document["items"]] for document in backend.requests] == [["a"], ["b"]]
    assert ["requestObject" in document["items"][0] for document in backend.requests] == [True, False]


def _name(event: Any) -> str:
    return str(event["objectRef"]["name"])
