"""JSON documents to and from servers that a kubeconfig describes, with retries (upstream: apiserver/pkg/util/webhook).

Used by the webhooks of authentication, authorization and audit, and for the documents of OpenID issuers.
Next: `http.py`.
"""

from __future__ import annotations

import asyncio
import base64
import os
import random
import ssl
from typing import Any
from urllib.parse import urlsplit

import orjson

from kubern.remote.http import Connection, MalformedResponse, Pool
from kubern.remote.kubeconfig import Endpoint
from kubern.util.goquote import go_quote

MAX_RESPONSE_BYTES = 3 * 1024 * 1024
REQUEST_TIMEOUT = 30.0
TRIES = 5
FIRST_BACKOFF = 0.5
_FACTOR, _JITTER = 1.5, 0.2


class RemoteError(Exception):
    """A call that gave no usable answer; `status` is the HTTP status, 0 without any."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class RemoteClient:
    """Requests to one endpoint; connections are kept."""

    def __init__(self, endpoint: Endpoint, *, tries: int = TRIES, first_backoff: float = FIRST_BACKOFF) -> None:
        self._endpoint = endpoint
        self._tries = tries
        self._first_backoff = first_backoff
        self._pool = Pool(endpoint.dial)
        self._context: ssl.SSLContext | None = None

    async def post(self, document: Any, timeout: float = REQUEST_TIMEOUT) -> Any:
        """The JSON document that the endpoint answers with. Raises RemoteError."""
        return _decoded(await self.deliver(document, timeout))

    async def deliver(self, document: Any, timeout: float = REQUEST_TIMEOUT) -> bytes:
        """The body of the endpoint's answer, whatever it is. Raises RemoteError."""
        body = document if isinstance(document, bytes) else orjson.dumps(document)
        backoff = self._first_backoff
        for remaining in range(self._tries - 1, -1, -1):
            try:
                return await self.request("POST", self._endpoint.url, body, timeout)
            except RemoteError as error:
                if not remaining or not _is_worth_another_try(error):
                    raise
            await asyncio.sleep(backoff * (1 + random.random() * _JITTER))
            backoff *= _FACTOR
        raise AssertionError("unreachable")

    async def get(self, url: str, timeout: float = REQUEST_TIMEOUT) -> Any:
        """The JSON document at a URL. Raises RemoteError."""
        return _decoded(await self.request("GET", url, b"", timeout))

    async def request(self, method: str, url: str, body: bytes, timeout: float) -> bytes:
        """The body of a successful answer. Raises RemoteError."""
        shown = f"{method.capitalize()} {go_quote(url)}"
        try:
            async with asyncio.timeout(timeout):
                status, answer = await self._exchange(method, url, body)
        except TimeoutError:
            raise RemoteError(f"{shown}: context deadline exceeded") from None
        except ConnectionRefusedError:
            raise RemoteError(f"{shown}: dial tcp {urlsplit(url).netloc}: connect: connection refused") from None
        except (OSError, EOFError, MalformedResponse) as error:
            raise RemoteError(f"{shown}: {error}") from error
        if not 200 <= status < 300:
            raise RemoteError(_status_text(status, answer), status)
        return answer

    def close(self) -> None:
        """Close the connections that are kept."""
        self._pool.close()

    async def _exchange(self, method: str, url: str, body: bytes) -> tuple[int, bytes]:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        context = self._tls() if secure else None
        host, port = parts.hostname or "", parts.port or (443 if secure else 80)
        name = self._endpoint.server_name or host
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection, used = await self._pool.connect(host, port, context, name)
        try:
            try:
                answer = await self._use(connection, method, parts.netloc, target, body)
            except (OSError, EOFError):
                if not used:
                    raise
                connection.close()
                connection, _ = await self._pool.connect(host, port, context, name, fresh=True)
                answer = await self._use(connection, method, parts.netloc, target, body)
        except BaseException:
            connection.close()
            raise
        self._pool.release(connection, host, port, context, name)
        return answer

    async def _use(self, connection: Connection, method: str, host: str, target: str, body: bytes) -> tuple[int, bytes]:
        headers = [
            (b"host", host.encode()),
            (b"user-agent", b"kube-apiserver"),
            (b"accept", b"application/json, */*"),
            *self._authorization(),
        ]
        if method == "POST":
            headers += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        connection.send_head(method, target, headers)
        connection.writer.write(body)
        await connection.writer.drain()
        status = await connection.read_head()
        out = bytearray()
        async for piece in connection.read_body():
            out += piece
            if len(out) > MAX_RESPONSE_BYTES:
                raise MalformedResponse("response body is too large")
        return status, bytes(out)

    def _authorization(self) -> list[tuple[bytes, bytes]]:
        header = authorization_header(self._endpoint)
        return [(b"authorization", header.encode())] if header else []

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = tls_context(self._endpoint)
        return self._context


def authorization_header(endpoint: Endpoint) -> str:
    """The value of the Authorization header, "" for none."""
    if endpoint.token:
        return f"Bearer {endpoint.token}"
    if endpoint.username:
        pair = base64.b64encode(f"{endpoint.username}:{endpoint.password}".encode()).decode()
        return f"Basic {pair}"
    return ""


def tls_context(endpoint: Endpoint) -> ssl.SSLContext:
    """What TLS to an endpoint checks and shows. Raises ssl.SSLError."""
    if endpoint.ca:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=endpoint.ca.decode("latin-1"))
    else:
        context = ssl.create_default_context()
    if endpoint.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if endpoint.client_cert:
        load_client_certificate(context, endpoint.client_cert, endpoint.client_key)
    return context


def load_client_certificate(context: ssl.SSLContext, cert: bytes, key: bytes) -> None:
    """Python's ssl reads certificates from files only: one of the user's alone, gone at once."""
    import tempfile

    descriptor, path = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(cert + b"\n" + key)
        context.load_cert_chain(path)
    finally:
        os.unlink(path)


def _decoded(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RemoteError(f"the answer is no JSON: {error}") from None


def _is_worth_another_try(error: RemoteError) -> bool:
    return not error.status or error.status == 429 or error.status >= 500


def _status_text(status: int, body: bytes) -> str:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if isinstance(found, dict) and found.get("kind") == "Status" and found.get("message"):
        return str(found["message"])
    text = body[:1024].decode("utf-8", "replace").strip()
    if status >= 500:
        return f"an error on the server ({go_quote(text or 'unknown')}) has prevented the request from succeeding"
    return f"the server responded with the status code {status} but did not return more information"
