"""Running servers for the tests of what is open to whom."""

from kubern.testing.fixtures import server, start_server, start_server_process

__all__ = ["server", "start_server", "start_server_process"]
