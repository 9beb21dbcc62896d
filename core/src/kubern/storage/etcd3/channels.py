"""Connections to etcd's endpoints: one is in use, the next takes over when it fails; next: `store.py`.

Reads are repeated on the next endpoint. Writes never are: one whose answer is lost may have been applied, and
repeating a compare-and-swap that was applied reports a conflict with oneself. They raise Uncertain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from kubern.storage.errors import (
    Compacted,
    FutureRevision,
    LeaseNotFound,
    StorageError,
    Unavailable,
    Uncertain,
    ValueTooLarge,
)
from kubern.storage.etcd3.messages import message_classes

READ_ATTEMPTS = 4
CALL_SECONDS = 5.0
RANGE_SECONDS = 30.0
"""A range may be large; anything else that takes longer than a call's time is on a member that hangs."""

_OPTIONS: Sequence[tuple[str, int]] = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.keepalive_time_ms", 10_000),  # etcd cuts off who pings more often than every 5 seconds
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.enable_retries", 0),
)

# Method path and the names of its messages.
_METHODS = {
    "Range": ("/etcdserverpb.KV/Range", "RangeRequest", "RangeResponse"),
    "Txn": ("/etcdserverpb.KV/Txn", "TxnRequest", "TxnResponse"),
    "Compact": ("/etcdserverpb.KV/Compact", "CompactionRequest", "CompactionResponse"),
    "LeaseGrant": ("/etcdserverpb.Lease/LeaseGrant", "LeaseGrantRequest", "LeaseGrantResponse"),
    "LeaseRevoke": ("/etcdserverpb.Lease/LeaseRevoke", "LeaseRevokeRequest", "LeaseRevokeResponse"),
    "Status": ("/etcdserverpb.Maintenance/Status", "StatusRequest", "StatusResponse"),
}
_STREAMS = {
    "Watch": ("/etcdserverpb.Watch/Watch", "WatchRequest", "WatchResponse"),
    "LeaseKeepAlive": ("/etcdserverpb.Lease/LeaseKeepAlive", "LeaseKeepAliveRequest", "LeaseKeepAliveResponse"),
}
_LEADER = (("hasleader", "true"),)
"""Streams end when their member loses the leader, instead of going silent."""


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files: the CA that signed the servers' certificates, and our client certificate."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None

    def credentials(self) -> grpc.ChannelCredentials:
        ca, cert, key = (path.read_bytes() if path else None for path in (self.ca_file, self.cert_file, self.key_file))
        return grpc.ssl_channel_credentials(ca, key, cert)


NO_TLS = Tls()


class _Endpoint:
    def __init__(self, url: str, tls: Tls, proxy: str) -> None:
        self.url = url
        options = [*_OPTIONS, ("grpc.http_proxy", proxy)] if proxy else _OPTIONS
        scheme, _, rest = url.rpartition("://")
        target = rest.partition("/")[0]
        if scheme == "https":
            self.channel = grpc.aio.secure_channel(target, tls.credentials(), options=options)
        else:
            self.channel = grpc.aio.insecure_channel(target, options=options)
        classes = message_classes()
        self.calls: Mapping[str, Any] = {
            name: self.channel.unary_unary(
                path,
                request_serializer=classes[request].SerializeToString,
                response_deserializer=classes[response].FromString,
            )
            for name, (path, request, response) in _METHODS.items()
        }
        self.streams: Mapping[str, Any] = {
            name: self.channel.stream_stream(
                path,
                request_serializer=classes[request].SerializeToString,
                response_deserializer=classes[response].FromString,
            )
            for name, (path, request, response) in _STREAMS.items()
        }


class Channels:
    """The endpoints of one cluster; `proxy` is the http URL of what answers CONNECT on the way there."""

    def __init__(self, servers: Sequence[str], tls: Tls, proxy: str = "") -> None:
        self._endpoints = [_Endpoint(server, tls, proxy) for server in servers]
        self._at = 0
        self._streams: dict[Any, int] = {}
        self.closed = False

    async def close(self) -> None:
        self.closed = True
        await asyncio.gather(*(endpoint.channel.close(None) for endpoint in self._endpoints))

    async def read(self, method: str, request: Any, timeout: float = CALL_SECONDS) -> Any:
        """Call a method without side effects, on another endpoint if one is down."""
        for attempt in range(READ_ATTEMPTS):
            at = self._at
            try:
                return await self._endpoints[at].calls[method](request, timeout=timeout)
            except grpc.aio.AioRpcError as error:
                if not _connection_lost(error):
                    raise translate(error) from error
                self.rotate(at)
                if attempt + 1 == READ_ATTEMPTS:
                    raise Unavailable(f"etcd: {error.details()}") from error
                await asyncio.sleep(0.05 * attempt)
            except grpc.aio.UsageError as error:
                raise Unavailable("the store is closed") from error
        raise Unavailable("etcd: no endpoint answers")

    async def write(self, method: str, request: Any) -> Any:
        """Call a method with side effects, once. Raises Uncertain when its outcome is unknown."""
        at = self._at
        try:
            return await self._endpoints[at].calls[method](request, timeout=CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            if _connection_lost(error):
                self.rotate(at)
                raise Uncertain(f"etcd: {error.details()}") from error
            raise translate(error) from error
        except grpc.aio.UsageError as error:
            raise Unavailable("the store is closed") from error

    def stream(self, method: str) -> tuple[Any, int]:
        """A new bidirectional call, to be given back to `end_stream`, and the number of its endpoint."""
        try:
            call = self._endpoints[self._at].streams[method](metadata=_LEADER)
        except grpc.aio.UsageError as error:
            raise Unavailable("the store is closed") from error
        self._streams[call] = self._at
        return call, self._at

    async def exchange(self, method: str, request: Any) -> Any:
        """One request and its answer on a stream of their own. Raises Unavailable."""
        call, at = self.stream(method)
        try:
            await call.write(request)
            return await call.read()
        except (grpc.aio.AioRpcError, grpc.aio.UsageError, asyncio.InvalidStateError) as error:
            self.rotate(at)
            raise Unavailable(f"etcd: {error}") from error
        finally:
            self.end_stream(call)

    def end_stream(self, call: Any) -> None:
        self._streams.pop(call, None)
        call.cancel()

    def rotate(self, failed: int) -> None:
        """Use the next endpoint, unless somebody already moved on; streams to the failed one are cancelled."""
        if failed != self._at or len(self._endpoints) == 1:
            return
        self._at = (failed + 1) % len(self._endpoints)
        for call, at in list(self._streams.items()):
            if at == failed:
                self.end_stream(call)

    async def statuses(self) -> list[Any]:
        """The StatusResponse of each endpoint that answers."""
        request = message_classes()["StatusRequest"]()
        answers = await asyncio.gather(
            *(endpoint.calls["Status"](request, timeout=CALL_SECONDS) for endpoint in self._endpoints),
            return_exceptions=True,
        )
        return [answer for answer in answers if not isinstance(answer, BaseException)]


def _connection_lost(error: grpc.aio.AioRpcError) -> bool:
    return error.code() in (
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.UNKNOWN,
    )


def translate(error: grpc.aio.AioRpcError) -> StorageError:
    """etcd's refusal as ours; what the call would have done has not been done."""
    details = error.details() or ""
    if "has been compacted" in details:
        return Compacted(0)
    if "future revision" in details:
        return FutureRevision(0, 0)
    if "requested lease not found" in details:
        return LeaseNotFound(0)
    if "request is too large" in details:
        return ValueTooLarge()
    return Unavailable(f"etcd: {details}")
