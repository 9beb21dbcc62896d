"""A running server for tests of the member at work."""

from kubern.testing.fixtures import server

__all__ = ["server"]
