"""exec and attach over WebSocket v5.channel.k8s.io, translated to the streams of SPDY that kubelets speak.

Upstream: apiserver/pkg/util/proxy/streamtranslator.go with client-go's SPDY executor. Version 5 is what kubectl asks
for first since 1.31: unlike version 4, which kubelets take themselves, it can say that stdin has ended.
Next: core's `kubern/remote/spdy.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from kubern.apimachinery.errors import StatusError, internal_error
from kubern.remote.errors import join_host_port
from kubern.remote.spdy import PROTOCOL, Session, Stream, StreamReset
from kubern.remote.throttle import Throttle
from kubern.util.goquote import go_quote
from kubern.util.websocket import accept_websocket, offered_protocols
from kubern_kubeapi.streaming.exchange import FAILURES, connect, failure_text

if TYPE_CHECKING:
    from kubern.remote.http import Connection, Pool
    from kubern.util.upgrade import Upgrade
    from kubern.util.websocket import WebSocket
    from kubern_kubeapi.streaming.kubelets import Location

Object = dict[str, Any]
VERSION_5: Final = "v5.channel.k8s.io"
_SPDY_VERSIONS: Final = (VERSION_5.encode(), b"v4.channel.k8s.io")
_STDIN, _STDOUT, _STDERR, _ERROR, _RESIZE, _CLOSE = (bytes([channel]) for channel in (0, 1, 2, 3, 4, 255))
_NON_ZERO: Final = "NonZeroExitCode"
_EXIT_CODE: Final = "ExitCode"
_SUCCESS: Final[Object] = {"metadata": {}, "status": "Success"}
_FINISH_SECONDS: Final = 900.0
"""How long a slow client may take to read what is left after the end."""
_MAX_REFUSAL_BYTES: Final = 1 << 20


def is_translated(scope: Mapping[str, Any]) -> bool:
    """Whether a client's WebSocket handshake offers version 5."""
    return VERSION_5 in offered_protocols(scope)


class Translation:
    """One session: a client's WebSocket on one side, a kubelet's SPDY connection on the other."""

    def __init__(self, pool: Pool, location: Location, target: str, options: Mapping[str, Any], rate: int) -> None:
        self._pool = pool
        self._location = location
        self._target = target
        self._wanted = {name for name in ("stdin", "stdout", "stderr", "tty") if options.get(name)}
        self._rate = rate
        self._input: asyncio.Queue[bytes | None] = asyncio.Queue(4)
        self._sizes: asyncio.Queue[bytes | None] = asyncio.Queue(16)

    async def run(self, scope: Mapping[str, Any], upgrade: Upgrade) -> None:
        """Until the command ends or the client leaves. Raises HandshakeRefused before anything is sent."""
        socket = accept_websocket(scope, upgrade, lambda _: VERSION_5, max_size=None)
        session = asyncio.create_task(self._session(socket))
        client = asyncio.create_task(self._client(socket))
        try:
            await asyncio.wait((session, client), return_when=asyncio.FIRST_COMPLETED)
            if session.done():
                client.cancel()
                await _finish(socket, session.result())
        except OSError:
            return  # the client left while it was told
        finally:
            for task in (session, client):
                task.cancel()
            await asyncio.gather(session, client, return_exceptions=True)
            socket.close()

    async def _client(self, socket: WebSocket) -> None:
        """Sort what the client sends into its channels until it leaves."""
        throttle = Throttle(self._rate)
        while (message := await socket.receive()) is not None:
            data = message.encode() if isinstance(message, str) else message
            channel, content = data[:1], data[1:]
            if channel == _CLOSE and content == _STDIN:
                await self._input.put(None)
            elif channel == _STDIN and content and "stdin" in self._wanted:
                await self._input.put(content)
                await throttle.sent(len(content))
            elif channel == _RESIZE and content and "tty" in self._wanted:
                await self._sizes.put(content)

    async def _session(self, socket: WebSocket) -> Object:
        """What the session came to, as a Status."""
        # Clients take the first message for the sign that the connection stands.
        await socket.send(_STDOUT if "stdout" in self._wanted else _STDERR if "stderr" in self._wanted else _ERROR)
        connection: Connection | None = None
        try:
            connection = await self._connect()
            session = Session(connection.reader, connection.writer, client=True, early=connection.early)
            async with _reading(session):
                return await self._run_streams(session, socket)
        except StatusError as error:
            return error.status()
        except StreamReset as error:
            return internal_error(str(error)).status()
        finally:
            if connection is not None:
                connection.close()

    # ---------------------------------------------------------------- to the kubelet

    async def _connect(self) -> Connection:
        """A connection on which the kubelet has agreed to SPDY. Raises StatusError."""
        location = self._location
        host = join_host_port(location.host, location.port)
        headers = [
            (b"Host", host.encode()),
            (b"Connection", b"Upgrade"),
            (b"Upgrade", PROTOCOL.encode()),
            *((b"X-Stream-Protocol-Version", version) for version in _SPDY_VERSIONS),
            (b"Content-Length", b"0"),
        ]
        try:
            connection, _ = await connect(self._pool, location, fresh=True)
            connection.send_head("POST", self._target, headers)
            if await connection.read_head() != 101:
                raise await _refusal(connection)
        except FAILURES as error:
            request = f"Post {go_quote(f'{location.scheme}://{host}{self._target}')}"
            raise internal_error(f"error sending request: {request}: {failure_text(error, location)}") from error
        return connection

    async def _run_streams(self, session: Session, socket: WebSocket) -> Object:
        """Open the streams that were asked for, copy until the output has ended, and read the outcome."""
        error = await _opened(session, "error")
        copies = []
        if "stdin" in self._wanted:
            copies.append(_feed(self._input, await _opened(session, "stdin")))
        outputs = []
        if "stdout" in self._wanted:
            outputs.append(_drain(await _opened(session, "stdout"), socket, _STDOUT, Throttle(self._rate)))
        if "stderr" in self._wanted and "tty" not in self._wanted:
            outputs.append(_drain(await _opened(session, "stderr"), socket, _STDERR, Throttle(self._rate)))
        if "tty" in self._wanted:
            copies.append(_feed(self._sizes, await _opened(session, "resize")))
        feeding = [asyncio.create_task(copy) for copy in copies]
        try:
            await asyncio.gather(*outputs)
            return outcome_of(await error.read_all())
        finally:
            for task in feeding:
                task.cancel()
            await asyncio.gather(*feeding, return_exceptions=True)


async def _finish(socket: WebSocket, status: Object) -> None:
    """Tell the outcome, then let the client close: it gets all output, however slowly it reads."""
    await socket.send(_ERROR + orjson.dumps(status))
    socket.close(grace=_FINISH_SECONDS)
    while await socket.receive() is not None:
        pass


@contextlib.asynccontextmanager
async def _reading(session: Session) -> AsyncIterator[None]:
    """A SPDY session is read in the background, and closed at the end."""
    reading = asyncio.create_task(session.run())
    try:
        yield
    finally:
        session.close()
        reading.cancel()


async def _opened(session: Session, kind: str) -> Stream:
    stream = session.open({"streamtype": kind})
    await stream.opened()
    return stream


async def _feed(queue: asyncio.Queue[bytes | None], stream: Stream) -> None:
    with contextlib.suppress(OSError):
        while (data := await queue.get()) is not None:
            await stream.write(data)
        await stream.close()


async def _drain(stream: Stream, socket: WebSocket, channel: bytes, throttle: Throttle) -> None:
    while data := await stream.read():
        for piece in throttle.pieces(data):
            await socket.send(channel + piece)
            await throttle.sent(len(piece))


async def _refusal(connection: Connection) -> StatusError:
    """A kubelet's refusal to upgrade: its own Status, or its text."""
    body = b""
    async for data in connection.read_body():
        body = (body + data)[:_MAX_REFUSAL_BYTES]
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if isinstance(found, dict) and found.get("kind") == "Status" and found.get("status") == "Failure":
        code = found.get("code") or connection.status
        return StatusError(code, found.get("reason", ""), found.get("message", ""), found.get("details"))
    return internal_error(f"unable to upgrade connection: {body.decode('utf-8', 'replace').strip()}")


def outcome_of(data: bytes) -> Object:
    """The Status that ends a session, from what the kubelet wrote to the error stream."""
    if not data:
        return _SUCCESS
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return internal_error(f"error stream protocol error: {error} in {go_quote(data.decode('latin-1'))}").status()
    if found.get("status") == "Success":
        return _SUCCESS
    if found.get("reason") != _NON_ZERO:
        return internal_error(str(found.get("message", ""))).status()
    for cause in (found.get("details") or {}).get("causes") or ():
        if cause.get("reason") == _EXIT_CODE:
            message = (
                f"command terminated with non-zero exit code: command terminated with exit code {cause['message']}"
            )
            details = {"causes": [{"reason": _EXIT_CODE, "message": cause["message"]}]}
            return {"metadata": {}, "status": "Failure", "message": message, "reason": _NON_ZERO, "details": details}
    return internal_error(f"error stream protocol error: no {_EXIT_CODE} cause given").status()
