"""Running servers for tests, on a free port with storage in memory: in this process, or in one that can be killed.

    with running_server("--disable-plugins=aggregator") as server:
        assert server.request("GET", "/api/v1/namespaces").status == 200

Next: `fixtures.py`, the same as pytest fixtures.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import http.client
import json
import os
import queue
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ADMIN_TOKEN = "kubern-testing-admin"
START_TIMEOUT = 30.0


@dataclasses.dataclass(frozen=True, slots=True)
class Response:
    """An answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body decoded."""
        return json.loads(self.body)


@dataclasses.dataclass(frozen=True, slots=True)
class RunningServer:
    """Where a server is and how to be its administrator: by client certificate, token or kubeconfig."""

    url: str
    data_dir: Path
    pid: int

    @property
    def ca_file(self) -> Path:
        return self.data_dir / "pki" / "ca.crt"

    @property
    def client_cert(self) -> Path:
        return self.data_dir / "pki" / "admin.crt"

    @property
    def client_key(self) -> Path:
        return self.data_dir / "pki" / "admin.key"

    @property
    def kubeconfig(self) -> Path:
        return self.data_dir / "admin.kubeconfig"

    @property
    def token(self) -> str:
        """A bearer token of a user in system:masters."""
        return ADMIN_TOKEN

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port is not None
        return port

    def ssl_context(self, *, admin: bool = False) -> ssl.SSLContext:
        """Trusts the server; with `admin` it also shows the administrator's certificate."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        if admin:
            context.load_cert_chain(self.client_cert, self.client_key)
        return context

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        token: str | None = ADMIN_TOKEN,
        timeout: float = 30,
    ) -> Response:
        """One request on a connection of its own; a body that is no bytes is sent as JSON. `token` None: anonymous."""
        given = {"Content-Type": "application/json", **(headers or {})} if body is not None else dict(headers or {})
        if token is not None:
            given.setdefault("Authorization", f"Bearer {token}")
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        host = urlsplit(self.url).hostname
        assert host is not None
        connection = http.client.HTTPSConnection(host, self.port, context=self.ssl_context(), timeout=timeout)
        with contextlib.closing(connection):
            connection.request(method, path, content, given)
            answer = connection.getresponse()
            found = {key.lower(): value for key, value in answer.getheaders()}
            return Response(answer.status, found, answer.read())


@contextlib.contextmanager
def running_server(*flags: str, data_dir: Path | None = None) -> Iterator[RunningServer]:
    """A server in this process, on an event loop in a thread of its own. Raises what keeps it from starting."""
    with _directory(data_dir) as directory:
        thread = _ServerThread(directory, flags)
        thread.start()
        try:
            yield RunningServer(thread.wait_until_ready(), directory, os.getpid())
        finally:
            thread.stop()


@contextlib.contextmanager
def server_process(*flags: str, data_dir: Path | None = None) -> Iterator[RunningServer]:
    """A server in a process of its own, which `pid` names: for tests that kill it. Its log goes to standard error."""
    with _directory(data_dir) as directory:
        command = [sys.executable, "-m", "kubern", "start", *_flags(directory, flags)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                if not line.startswith("Ready at "):
                    raise RuntimeError(f"the server did not start: {line}{process.stdout.read()}")
                yield RunningServer(line.split()[-1], directory, process.pid)
            finally:
                process.terminate()
                process.communicate()


@contextlib.contextmanager
def _directory(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="kubern-") as made:
        yield Path(made)


def _flags(directory: Path, flags: tuple[str, ...]) -> list[str]:
    directory.mkdir(parents=True, exist_ok=True)
    tokens = directory / "tokens.csv"
    tokens.write_text(f"{ADMIN_TOKEN},admin,admin,system:masters\n")
    defaults = {
        "--data-dir": str(directory),
        "--bind-address": "127.0.0.1",
        "--secure-port": "0",
        "--storage-backend": "memory",
        "--token-auth-file": str(tokens),
    }
    given = {flag.partition("=")[0] for flag in flags}
    return [*(f"{name}={value}" for name, value in defaults.items() if name not in given), *flags]


class _ServerThread(threading.Thread):
    """Runs one server; `stop` ends it by the timeline of a shutdown."""

    def __init__(self, directory: Path, flags: tuple[str, ...]) -> None:
        super().__init__(name="kubern server", daemon=True)
        self._arguments = _flags(directory, flags)
        self._outcome: queue.Queue[str | BaseException] = queue.Queue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()

    def run(self) -> None:
        import uvloop

        from kubern.cli import load
        from kubern.startup import prepare, serve

        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            await serve(completed, self._stopping, self._outcome.put)

        try:
            completed = prepare(*load(self._arguments))
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(main())
        except BaseException as error:  # noqa: BLE001 - whatever ends the thread is told to the test
            self._outcome.put(error)

    def wait_until_ready(self) -> str:
        outcome = self._outcome.get(timeout=START_TIMEOUT)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def stop(self) -> None:
        """Stop, and raise what went wrong while stopping."""
        if self._loop is not None and self.is_alive():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stopping.set)
        self.join(START_TIMEOUT)
        if not self._outcome.empty():
            outcome = self._outcome.get()
            if isinstance(outcome, BaseException):
                raise outcome
