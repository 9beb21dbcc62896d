"""Running servers for the tests of the whole."""

from kubern.testing.fixtures import server, start_server, start_server_process

__all__ = ["server", "start_server", "start_server_process"]
