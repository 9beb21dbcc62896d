"""pytest fixtures of running servers; import them in a conftest: `from kubern.testing.fixtures import *`.

Next: `servers.py`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest

from kubern.testing.servers import RunningServer, running_server, server_process

__all__ = ["server", "start_server", "start_server_process"]


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    """One server for all tests, with every installed plugin."""
    with running_server() as running:
        yield running


@pytest.fixture
def start_server() -> Iterator[Callable[..., RunningServer]]:
    """start_server("--flag=value", ...) starts a server of the test's own in this process."""
    with contextlib.ExitStack() as stack:
        yield lambda *flags, **where: stack.enter_context(running_server(*flags, **where))


@pytest.fixture
def start_server_process() -> Iterator[Callable[..., RunningServer]]:
    """start_server_process("--flag=value", ...) starts a server in a process that the test may kill."""
    with contextlib.ExitStack() as stack:
        yield lambda *flags, **where: stack.enter_context(server_process(*flags, **where))
