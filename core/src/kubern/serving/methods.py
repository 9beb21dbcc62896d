"""Requests with a method that the parser does not know: any token is a method, and what it may do is for the API to say.

Next: `protocol.py`, which asks here when the parser gives up.
"""

from __future__ import annotations

import re
from typing import NamedTuple

STAND_IN = b"POST"
"""What the parser reads in place of an unknown method: one that says nothing about the body."""
_START = re.compile(rb"(?:\r?\n)*([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,4096}) ")


class OddRequest(NamedTuple):
    """A request's bytes with a method that the parser knows, and the method that was meant."""

    data: bytes
    method: str


def odd_request(data: bytes) -> OddRequest | None:
    """The start of a request that the parser refused for its method; None when it is no request at all."""
    # Differs from kube-apiserver: a method that arrives in pieces is not put together, no client sends it like that.
    match = _START.match(data)
    return None if match is None else OddRequest(STAND_IN + data[match.end(1) :], match[1].decode())
