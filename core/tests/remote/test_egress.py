"""--egress-selector-config-file: what is wrong with files, and connections through proxies."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kubern.remote.dialing import ConnectProxy, ProxyRefused, Streams, open_stream
from kubern.remote.egress import EgressError, egress_problems, load_egress_selector
from kubern.util.certificates import new_ca, new_certificate

HEAD = "apiVersion: apiserver.k8s.io/v1beta1\nkind: EgressSelectorConfiguration\negressSelections:\n"


class Proxy:
    """Answers CONNECT; `asked` is what for."""

    def __init__(self, refuses: bool = False) -> None:
        self.asked: list[bytes] = []
        self._refuses = refuses

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.split(b"\r\n")[0])
        if self._refuses:
            writer.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        else:
            host, _, port = head.split(b" ")[1].decode().rpartition(":")
            there = await asyncio.open_connection(host, int(port))
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await asyncio.gather(_copy(reader, there[1]), _copy(there[0], writer))
        writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(1000):
            writer.write(data)
    writer.close()


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(1000):
            writer.write(data)
    writer.close()


@contextlib.asynccontextmanager
async def echo_server(directory: Path) -> AsyncIterator[tuple[int, ssl.SSLContext]]:
    """The port of a server with TLS, and a context that trusts it."""
    ca = new_ca("ca")
    pair = new_certificate(ca, "server", names=("127.0.0.1",), server=True)
    (directory / "pem").write_bytes(pair.cert + pair.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "pem")
    async with await asyncio.start_server(_echo, "127.0.0.1", 0, ssl=context) as server:
        trusting = ssl.create_default_context(cadata=ca.cert.decode())
        yield server.sockets[0].getsockname()[1], trusting


async def _say(streams: Streams) -> bytes:
    reader, writer = streams
    writer.write(b"hello")
    answer = await asyncio.wait_for(reader.readexactly(5), 5)
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return answer


async def test_tls_goes_through_proxies(tmp_path: Path) -> None:
    """By TCP and by Unix socket; the proxy sees where to, and nothing of the rest."""
    proxy = Proxy()
    (tmp_path / "egress.yaml").write_text(
        f"{HEAD}- name: cluster\n  connection: {{proxyProtocol: HTTPConnect, "
        f"transport: {{uds: {{udsName: {tmp_path}/proxy.sock}}}}}}\n- name: etcd\n  connection: {{proxyProtocol: Direct}}\n"
    )
    selector = load_egress_selector(str(tmp_path / "egress.yaml"))
    assert selector.dial("etcd") is None
    async with (
        echo_server(tmp_path) as (port, context),
        await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as by_tcp,
        await asyncio.start_unix_server(proxy.serve, tmp_path / "proxy.sock"),
    ):
        url = f"http://127.0.0.1:{by_tcp.sockets[0].getsockname()[1]}"
        for dial in (ConnectProxy(url), selector.dial("cluster")):
            assert await _say(await open_stream("127.0.0.1", port, context, "127.0.0.1", dial)) == b"hello"
    assert proxy.asked == [b"CONNECT 127.0.0.1:%d HTTP/1.1" % port] * 2


async def test_refusals_are_told() -> None:
    """The proxy's status line is in the error."""
    async with await asyncio.start_server(Proxy(refuses=True).serve, "127.0.0.1", 0) as server:
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        message = f"error from proxy {address} while dialing 10.0.0.1:443: 403 Forbidden"
        with pytest.raises(ProxyRefused, match=message):
            await open_stream("10.0.0.1", 443, None, "", ConnectProxy(f"http://{address}"))


@pytest.mark.parametrize(
    ("name", "connection", "problem"),
    [
        ("cluster", {"proxyProtocol": "Direct", "transport": {}}, "Transport config should be absent"),
        ("cluster", {"proxyProtocol": "HTTPConnect"}, "transport must be set for HTTPConnect"),
        ("cluster", {"proxyProtocol": "GRPC", "transport": {"uds": {"udsName": "a"}}}, "GRPC is not supported"),
        ("cluster", {"proxyProtocol": "SOCKS"}, 'Unsupported value: "SOCKS"'),
        ("cluster", {"proxyProtocol": "HTTPConnect", "transport": {"tcp": {}, "uds": {}}}, "cannot both be set"),
        ("cluster", {"proxyProtocol": "HTTPConnect", "transport": {"tcp": {"url": "ftp://a"}}}, "http:// and https://"),
        ("cluster", {"proxyProtocol": "HTTPConnect", "transport": {"tcp": {"url": "https://a"}}}, "TLSConfig must be"),
        ("etcd", {"proxyProtocol": "HTTPConnect", "transport": {"uds": {"udsName": "a"}}}, "http:// proxy only"),
        ("nodes", {"proxyProtocol": "Direct"}, 'Unsupported value: "nodes"'),
    ],
)
def test_problems_of_selections(name: str, connection: dict[str, object], problem: str) -> None:
    """Each problem alone, and its text."""
    found = egress_problems([{"name": name, "connection": connection}])
    assert len(found) == 1
    assert problem in found[0]


def test_files_of_another_kind_are_refused(tmp_path: Path) -> None:
    """The kind is named."""
    (tmp_path / "a").write_text("kind: Pod")
    with pytest.raises(EgressError, match='invalid service configuration object "Pod"'):
        load_egress_selector(str(tmp_path / "a"))
