"""Running servers for the tests of the whole."""

from kubern.testing.fixtures import start_server

__all__ = ["start_server"]
