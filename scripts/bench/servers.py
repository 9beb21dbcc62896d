"""Servers under test as subprocesses: kubern on a fresh data directory, and the bare yardstick."""

from __future__ import annotations

import http.client
import pathlib
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from bench.client import client_context

TOKEN = "bench-token"
BENCH = pathlib.Path(__file__).parent


class Running(NamedTuple):
    """A server that answers; `ready_seconds` is the time from process start to /readyz ok."""

    port: int
    process: subprocess.Popen[bytes]
    data_dir: pathlib.Path
    ready_seconds: float

    def resident_mb(self) -> float:
        """Resident memory now."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0


def _wait_ready(port: int, path: str, process: subprocess.Popen[bytes], context: ssl.SSLContext) -> None:
    while process.poll() is None:
        try:
            connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.005)
        finally:
            connection.close()
    raise RuntimeError(f"the server ended with status {process.returncode}")


@contextmanager
def kubern_server(port: int, *flags: str, folder: str = "") -> Iterator[Running]:
    """A server with a token of the system:masters group, its data in `folder` or nowhere that lasts."""
    with tempfile.TemporaryDirectory() as temporary:
        data = pathlib.Path(folder or temporary)
        (data / "tokens.csv").write_text(f'{TOKEN},bench,bench-uid,"system:masters"\n')
        command = [
            str(pathlib.Path(sys.executable).parent / "kubern"),
            "start",
            "--bind-address=127.0.0.1",
            f"--secure-port={port}",
            f"--data-dir={data / 'data'}",
            f"--token-auth-file={data / 'tokens.csv'}",
            "--authorization-mode=Node,RBAC",
            *flags,
        ]
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_ready(port, "/readyz", process, client_context())
            yield Running(port, process, data / "data", time.perf_counter() - began)
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def raw_server(port: int, cert: pathlib.Path, key: pathlib.Path) -> Iterator[Running]:
    """The yardstick with the certificate of a kubern server."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, str(BENCH / "raw_app.py"), str(port), str(cert), str(key)])
    try:
        _wait_ready(port, "/", process, client_context())
        yield Running(port, process, cert.parent, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(30)
