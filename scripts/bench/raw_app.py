"""The yardstick: a bare ASGI application that answers 3 KB, under uvicorn with the server's own protocol settings."""

from __future__ import annotations

import sys
from typing import Any

BODY = b'{"kind":"Pod","padding":"' + b"x" * 3000 + b'"}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Read nothing, answer the same."""
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


if __name__ == "__main__":
    import uvicorn

    port, cert, key = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    uvicorn.run(app, port=port, ssl_certfile=cert, ssl_keyfile=key, log_level="error", lifespan="off", access_log=False)
