"""Spans of requests, sent to a collector."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as messages
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service

from kubern.testing.servers import RunningServer
from kubern.testing.waiting import eventually

Start = Callable[..., RunningServer]
LEAN = "--disable-plugins=aggregator,apiextensions"


class Collector(service.TraceServiceServicer):
    """Keeps the spans that it is sent."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.resources: list[Any] = []

    def Export(self, request: Any, context: Any) -> Any:
        for resource in request.resource_spans:
            self.resources.append(resource.resource)
            for scope in resource.scope_spans:
                self.spans += scope.spans
        return messages.ExportTraceServiceResponse()


@pytest.fixture
def collector() -> Iterator[tuple[Collector, int]]:
    server = grpc.server(ThreadPoolExecutor(1))
    collector = Collector()
    service.add_TraceServiceServicer_to_server(collector, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield collector, port
    stopped: threading.Event = server.stop(None)
    stopped.wait()


def _config(path: Path, endpoint: str, rate: int) -> Path:
    file = path / "tracing.yaml"
    file.write_text(
        "apiVersion: apiserver.config.k8s.io/v1\nkind: TracingConfiguration\n"
        f"endpoint: {endpoint}\nsamplingRatePerMillion: {rate}\n"
    )
    return file


def _attributes(span: Any) -> dict[str, Any]:
    return {a.key: a.value.string_value or a.value.int_value for a in span.attributes}


def test_requests_become_spans(start_server_process: Start, collector: tuple[Collector, int], tmp_path: Path) -> None:
    """All are sent before the server has ended; a client's trace is linked, not continued; health is not traced."""
    kept, port = collector
    config = _config(tmp_path, f"127.0.0.1:{port}", 1_000_000)
    server = start_server_process(LEAN, f"--tracing-config-file={config}")
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01", "Audit-ID": "a-b-c"}
    server.request("GET", "/api/v1/namespaces", headers=headers)
    server.request("GET", "/readyz")
    _terminate(server)
    spans = [span for span in kept.spans if _attributes(span).get("audit-id") == "a-b-c"]
    assert [span.name for span in spans] == ["KubernetesAPI"]
    attributes = _attributes(spans[0])
    assert attributes["http.request.method"] == "GET"
    assert attributes["url.path"] == "/api/v1/namespaces"
    assert attributes["http.response.status_code"] == 200
    assert [link.trace_id.hex() for link in spans[0].links] == [trace]
    assert spans[0].trace_id.hex() != trace
    assert not [span for span in kept.spans if _attributes(span)["url.path"] == "/readyz"]
    assert "apiserver" in [a.value.string_value for a in kept.resources[0].attributes]


def _terminate(server: RunningServer) -> None:
    os.kill(server.pid, signal.SIGTERM)
    eventually(lambda: not Path(f"/proc/{server.pid}/fd/0").exists(), timeout=20)


def test_a_rate_of_none_sends_nothing(
    start_server_process: Start, collector: tuple[Collector, int], tmp_path: Path
) -> None:
    """Also when the client asks for its own trace."""
    kept, port = collector
    server = start_server_process(LEAN, f"--tracing-config-file={_config(tmp_path, f'127.0.0.1:{port}', 0)}")
    headers = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
    server.request("GET", "/api/v1/namespaces", headers=headers)
    _terminate(server)
    assert kept.spans == []


def test_a_bad_file_ends_the_start(tmp_path: Path) -> None:
    """Each problem names the flag; nothing is written."""
    file = tmp_path / "tracing.yaml"
    file.write_text("kind: TracingConfiguration\nsamplingRatePerMillion: 1000001\nsampling: 3\n")
    data = tmp_path / "data"
    command = [sys.executable, "-m", "kubern", "start", f"--data-dir={data}", f"--tracing-config-file={file}"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 1
    assert "--tracing-config-file: samplingRatePerMillion: Invalid value: 1000001" in ended.stderr
    assert '--tracing-config-file: unknown field "sampling"' in ended.stderr
    assert not data.exists()
