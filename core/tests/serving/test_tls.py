"""Client certificates, names, versions, and files that change while the server runs."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from typing import Any

import pytest

from kubern.serving import client_chain, tls

GET = "GET / HTTP/1.1\nHost: localhost"


@pytest.fixture
def states() -> list[Any]:
    return []


@pytest.fixture
def app(states: list[Any]) -> Any:
    async def remember(scope: Any, receive: Any, send: Any) -> None:
        states.append(scope["state"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    return remember


def der(pki: Any, name: str) -> bytes:
    return ssl.PEM_cert_to_DER_cert((pki.directory / f"{name}.crt").read_text())


async def test_a_client_certificate_reaches_requests_with_its_chain(
    serve: Any, pki: Any, app: Any, states: list[Any]
) -> None:
    """The leaf and the verified chain, on every request of the connection."""
    pki.certificate("me")
    client = await (await serve(app, client_ca_files=(pki.files("ca")[0],))).connect(pki.client("me"))
    await client.ask(GET)
    await client.ask(GET)
    chain = (der(pki, "me"), der(pki, "ca"))
    assert states == [{"client_certificate": chain[0], "client_chain": chain}] * 2


async def test_a_client_certificate_is_optional(serve: Any, pki: Any, app: Any, states: list[Any]) -> None:
    """Without one the chain is empty."""
    client = await (await serve(app, client_ca_files=(pki.files("ca")[0],))).connect(pki.client())
    await client.ask(GET)
    assert states == [{"client_certificate": None, "client_chain": ()}]


async def test_certificates_of_all_client_cas_are_accepted(serve: Any, pki: Any, app: Any, states: list[Any]) -> None:
    """The chain tells which CA it was."""
    pki.certificate("proxy", pki.authority("proxy-ca"))
    server = await serve(app, client_ca_files=(pki.files("ca")[0], pki.files("proxy-ca")[0]))
    await (await server.connect(pki.client("proxy"))).ask(GET)
    assert states[0]["client_chain"] == (der(pki, "proxy"), der(pki, "proxy-ca"))


async def test_a_certificate_of_an_unknown_ca_ends_the_handshake(serve: Any, pki: Any, app: Any) -> None:
    """Python's ssl cannot ask without verifying."""
    pki.certificate("stranger", pki.authority("other-ca"))
    server = await serve(app, client_ca_files=(pki.files("ca")[0],))
    with pytest.raises((ssl.SSLError, OSError, asyncio.IncompleteReadError)):
        client = await server.connect(pki.client("stranger"))
        await client.ask(GET)


async def test_an_expired_certificate_is_left_to_the_authenticator(
    serve: Any, pki: Any, app: Any, states: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The handshake succeeds, so that the answer can be 401."""
    from kubern.util import certificates

    monkeypatch.setattr(certificates, "LEAF_DAYS", 0)
    monkeypatch.setattr(certificates, "_CLOCK_SKEW", datetime.timedelta(days=2))
    pki.certificate("late")
    client = await (await serve(app, client_ca_files=(pki.files("ca")[0],))).connect(pki.client("late"))
    await client.ask(GET)
    assert states[0]["client_certificate"] == der(pki, "late")


async def certificate_for(server: Any, pki: Any, name: str, ca: str = "ca") -> bytes:
    context = pki.client(ca=ca)
    context.check_hostname = False
    client = await server.connect(context, name)
    certificate: bytes = client.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    return certificate


async def test_certificates_by_server_name(serve: Any, pki: Any, app: Any) -> None:
    """Names given by the flag win over names in certificates, wildcards match one label, others get the default."""
    pki.certificate("a", names=("a.example", "b.example"), server=True)
    pki.certificate("b", names=("whatever",), server=True)
    pki.certificate("w", names=("*.wild.example",), server=True)
    sni = ((*pki.files("a"), ()), (*pki.files("b"), ("b.example",)), (*pki.files("w"), ()))
    server = await serve(app, sni=sni)
    assert await certificate_for(server, pki, "a.example") == der(pki, "a")
    assert await certificate_for(server, pki, "B.example") == der(pki, "b")
    assert await certificate_for(server, pki, "x.wild.example") == der(pki, "w")
    assert await certificate_for(server, pki, "x.y.wild.example") == der(pki, "server")
    assert await certificate_for(server, pki, "localhost") == der(pki, "server")


async def test_changed_files_count_for_new_connections(
    serve: Any, pki: Any, app: Any, states: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new serving certificate and a new client CA are taken up, open connections go on, broken files are not taken."""
    monkeypatch.setattr(tls, "CHECK_INTERVAL", 0)
    server = await serve(app, client_ca_files=(pki.files("ca")[0],))
    old = await server.connect(pki.client())
    first = der(pki, "server")
    pki.certificate("server", names=("localhost",), server=True)
    second = der(pki, "server")
    assert first != second
    assert await certificate_for(server, pki, "localhost") == second
    assert (await old.ask(GET))[0] == "HTTP/1.1 204 No Content"

    (pki.directory / "server.crt").write_text("broken")
    assert await certificate_for(server, pki, "localhost") == second

    other = pki.authority("other-ca")
    pki.certificate("server", names=("localhost",), server=True)
    pki.certificate("newcomer", other)
    (pki.directory / "ca.crt.new").write_bytes(pki.ca.cert + other.cert)
    (pki.directory / "ca.crt.new").replace(pki.directory / "ca.crt")
    await (await server.connect(pki.client("newcomer"))).ask(GET)
    assert states[-1]["client_chain"] == (der(pki, "newcomer"), ssl.PEM_cert_to_DER_cert(other.cert.decode()))


async def test_the_minimum_version_is_kept(serve: Any, pki: Any, app: Any) -> None:
    """A client that speaks only TLS 1.2 cannot connect to a port of 1.3."""
    server = await serve(app, min_version="VersionTLS13")
    old = pki.client()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await server.connect(old)
    client = await server.connect(pki.client())
    assert client.writer.get_extra_info("ssl_object").version() == "TLSv1.3"


async def test_cipher_suites_by_their_go_names(serve: Any, pki: Any, app: Any) -> None:
    """The suite that a TLS 1.2 client gets is one of those named."""
    server = await serve(app, cipher_suites=("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",))
    old = pki.client()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    client = await server.connect(old)
    assert client.writer.get_extra_info("cipher")[0] == "ECDHE-ECDSA-AES256-GCM-SHA384"


async def test_http_1_1_is_negotiated(serve: Any, pki: Any, app: Any) -> None:
    """Clients that prefer HTTP/2 are told."""
    context = pki.client()
    context.set_alpn_protocols(["h2", "http/1.1"])
    client = await (await serve(app)).connect(context)
    assert client.writer.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"


def test_a_session_resumed_with_its_leaf_alone_keeps_its_chain() -> None:
    """TLS 1.2 resumption forgets the chain, the listener does not."""

    class Fake:
        def __init__(self, chain: list[bytes]) -> None:
            self.chain = chain

        def getpeercert(self, binary_form: bool) -> bytes:
            return b"leaf"

        def get_verified_chain(self) -> list[bytes]:
            return self.chain

    memory = client_chain.ChainMemory()
    assert memory.verified_chain(Fake([])) == ()  # type: ignore[arg-type]
    assert memory.verified_chain(Fake([b"leaf", b"ca"])) == (b"leaf", b"ca")  # type: ignore[arg-type]
    assert memory.verified_chain(Fake([])) == (b"leaf", b"ca")  # type: ignore[arg-type]
