"""Documents that the aggregator itself asks extension API servers for: discovery and OpenAPI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from kubern.remote.errors import join_host_port
from kubern.remote.http import MalformedResponse
from kubern_aggregator.handlers.identity import identity_headers
from kubern_aggregator.upstream import ResolveError, TransportError

if TYPE_CHECKING:
    from kubern_aggregator.registry import Registered
    from kubern_aggregator.upstream import Upstreams

AGGREGATOR = "system:kube-aggregator"
PRIVILEGED = ("system:masters",)
FETCH_ERRORS = (OSError, EOFError, MalformedResponse, ResolveError, TransportError, ValueError)
"""What a fetch may raise; a document that is no JSON raises ValueError."""


async def fetch(upstreams: Upstreams, one: Registered, path: str, accept: bytes = b"application/json") -> Any:
    """A JSON document of an APIService's server, None when its status is not 200. Raises FETCH_ERRORS."""
    address = await upstreams.address(one.spec)
    connection, _ = await upstreams.connect(address)
    try:
        host = join_host_port(address.host, address.port).encode()
        headers = [(b"host", host), (b"accept", accept), (b"user-agent", b"kube-apiserver")]
        connection.send_head("GET", path, headers + identity_headers(AGGREGATOR, "", PRIVILEGED, {}))
        status = await connection.read_head()
        body = b"".join([data async for data in connection.read_body()])
    except BaseException:
        connection.close()
        raise
    upstreams.release(connection, address)
    return orjson.loads(body) if status == 200 else None
