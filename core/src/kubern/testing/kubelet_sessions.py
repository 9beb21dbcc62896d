"""The kubelet stand-in's sessions: commands and forwarded ports behind SPDY streams or WebSocket channels."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pty
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kubern.remote.spdy import Session, Stream
from kubern.util.upgrade import Upgrade, switching_protocols
from kubern.util.websocket import WebSocket, accept_websocket

if TYPE_CHECKING:
    from kubern.testing.kubelet import KubeletRequest

Object = dict[str, Any]
Read = Callable[[], Awaitable[bytes]]
Write = Callable[[bytes], Awaitable[None]]
_KUBELET_NAMES = {"input": "stdin", "output": "stdout", "error": "stderr"}
_CHANNELS = {"stdin": 0, "stdout": 1, "stderr": 2, "error": 3, "resize": 4}


async def exec_over_spdy(
    request: KubeletRequest, directory: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Run a command (for attach: cat) behind the streams that the query asks for."""
    version = request.headers["x-stream-protocol-version"].split(",")[0].strip()
    writer.write(switching_protocols("SPDY/3.1", [(b"X-Stream-Protocol-Version", version.encode())]))
    session = Session(reader, writer, client=False)
    reading = asyncio.create_task(session.run())
    try:
        wanted = _wanted(request)
        streams: dict[str, Stream] = {}
        while streams.keys() != wanted:
            stream = await session.accept()
            if stream is None:
                return
            streams[stream.headers["streamtype"]] = stream

        async def write_to(name: str, data: bytes) -> None:
            await streams[name].write(data)

        stdin = streams["stdin"].read if "stdin" in streams else None
        status = await _run(request, directory, stdin, write_to)
        for name in ("stdout", "stderr"):
            if name in streams:
                await streams[name].close()
        await streams["error"].write(json.dumps(status).encode())
        await streams["error"].close()
        await asyncio.wait((reading,), timeout=5)
    finally:
        reading.cancel()
        session.close()


async def exec_over_websocket(
    request: KubeletRequest, directory: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """The same over WebSocket channels; stdin ends only with the connection."""
    headers = [(name.encode(), value.encode()) for name, value in request.headers.items()]
    scope = {"method": "GET", "raw_path": request.path.encode(), "headers": headers}
    socket = _accepted(scope, writer)

    async def read() -> bytes:
        while (message := await socket.receive()) is not None:
            data = cast("bytes", message)
            if data[:1] == b"\0" and data[1:]:
                return data[1:]
        return b""

    async def write_to(name: str, data: bytes) -> None:
        await socket.send(bytes([_CHANNELS[name]]) + data)

    status = await _run(request, directory, read if "stdin" in _wanted(request) else None, write_to)
    await write_to("error", json.dumps(status).encode())
    socket.close()
    while await socket.receive() is not None:
        pass


def _accepted(scope: Mapping[str, Any], writer: asyncio.StreamWriter) -> WebSocket:
    def take_over(response: bytes, protocol: asyncio.Protocol) -> None:
        writer.write(response)
        writer.transport.set_protocol(protocol)
        protocol.connection_made(writer.transport)

    version = "v4.channel.k8s.io"
    upgrade = Upgrade("websocket", take_over)
    return accept_websocket(scope, upgrade, lambda offered: version if version in offered else None)


def _wanted(request: KubeletRequest) -> set[str]:
    """The streams of a session."""
    wanted = {"error"} | {ours for theirs, ours in _KUBELET_NAMES.items() if request.query.get(theirs) == ["1"]}
    if request.query.get("tty") == ["1"]:
        wanted = (wanted | {"resize"}) - {"stderr"}
    return wanted


async def _run(
    request: KubeletRequest, directory: Path, read: Read | None, write_to: Callable[[str, bytes], Awaitable[None]]
) -> Object:
    """Run the command; what becomes of it, as a Status."""
    command = request.query.get("command", ["cat"])
    try:
        if request.query.get("tty") == ["1"]:
            code = await _run_in_terminal(command, directory, read, lambda data: write_to("stdout", data))
        else:
            code = await _run_with_pipes(command, directory, read, write_to)
    except FileNotFoundError:
        return {"metadata": {}, "status": "Failure", "message": f"exec: {command[0]}: not found", "code": 500}
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    causes = [{"reason": "ExitCode", "message": str(code)}]
    message = f"command terminated with non-zero exit code: exit status {code}"
    return {
        "metadata": {}, "status": "Failure", "reason": "NonZeroExitCode", "message": message,
        "details": {"causes": causes},
    }  # fmt: skip


async def _run_with_pipes(
    command: list[str], directory: Path, read: Read | None, write_to: Callable[[str, bytes], Awaitable[None]]
) -> int:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=directory, stdin=pipe, stdout=pipe, stderr=pipe)
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    feeding = asyncio.create_task(_feed(read, process.stdin))
    try:
        await asyncio.gather(
            _copy(process.stdout, lambda data: write_to("stdout", data)),
            _copy(process.stderr, lambda data: write_to("stderr", data)),
        )
        return await process.wait()
    finally:
        feeding.cancel()
        if process.returncode is None:
            process.kill()


async def _feed(read: Read | None, stdin: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while read is not None and (data := await read()):
            stdin.write(data)
            await stdin.drain()
    stdin.close()


async def _copy(source: asyncio.StreamReader, write: Write) -> None:
    while data := await source.read(65536):
        await write(data)


async def _run_in_terminal(command: list[str], directory: Path, read: Read | None, write: Write) -> int:
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(*command, cwd=directory, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    feeding = asyncio.create_task(_type(read, ours))
    try:
        while data := await asyncio.to_thread(_read_terminal, ours):
            await write(data)
        return await process.wait()
    finally:
        feeding.cancel()
        if process.returncode is None:
            process.kill()
        os.close(ours)


def _read_terminal(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""  # the last process that had the terminal is gone


async def _type(read: Read | None, descriptor: int) -> None:
    while read is not None and (data := await read()):
        os.write(descriptor, data)


async def forward_ports(request: KubeletRequest, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Join each pair of streams (error, data) with a connection to the port that they name."""
    assert request.headers["x-stream-protocol-version"] == "portforward.k8s.io"
    writer.write(switching_protocols("SPDY/3.1", [(b"X-Stream-Protocol-Version", b"portforward.k8s.io")]))
    session = Session(reader, writer, client=False)
    errors: dict[str, Stream] = {}
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(session.run())
        while (stream := await session.accept()) is not None:
            number = stream.headers["requestid"]
            if stream.headers["streamtype"] == "error":
                errors[number] = stream
            else:
                group.create_task(_forward(stream, errors[number]))
        reading.cancel()


async def _forward(data: Stream, error: Stream) -> None:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(data.headers["port"]))
    except OSError as problem:
        await error.write(f"an error occurred forwarding {data.headers['port']}: {problem}".encode())
        await error.close()
        await data.close()
        return
    feeding = asyncio.create_task(_feed(data.read, writer))
    with contextlib.suppress(OSError):
        await _copy(reader, data.write)
        await data.close()
        await error.close()
    feeding.cancel()
    writer.close()
