"""A throw-away etcd for tests, from the binary on PATH; the test is skipped when there is none."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def wait_for_port(port: int) -> None:
    """Until somebody listens, 20 seconds at most. Raises OSError."""
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


@contextlib.contextmanager
def running_etcd(
    directory: Path, client: int, peer: int, *, tls_flags: Sequence[str] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """One member, reachable at the client port when this is entered, killed when it is left.

    `tls_flags` are etcd's own (--cert-file and others); with them clients must use https.
    """
    if shutil.which("etcd") is None:
        pytest.skip("no etcd binary on PATH")
    scheme = "https" if tls_flags else "http"
    urls = f"{scheme}://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    command = ["etcd", "--data-dir", str(directory), "--listen-client-urls", urls[0], "--logger", "zap"]
    command += ["--advertise-client-urls", urls[0], "--listen-peer-urls", urls[1]]
    command += ["--initial-advertise-peer-urls", urls[1], "--initial-cluster", f"default={urls[1]}", *tls_flags]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for_port(client)
            yield process
        finally:
            process.kill()
