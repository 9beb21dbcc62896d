"""Flags of the TLS port."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from kubern.testing.etcd_server import free_port
from kubern.testing.servers import RunningServer
from kubern.util.certificates import new_ca, new_certificate

Start = Callable[..., RunningServer]
LEAN = "--disable-plugins=aggregator,apiextensions"


def _handshake(server: RunningServer, context: ssl.SSLContext, name: str = "localhost") -> ssl.SSLSocket:
    with socket.create_connection(("127.0.0.1", server.port), 10) as plain:
        return context.wrap_socket(plain, server_hostname=name)


def test_the_oldest_version_of_tls(start_server: Start) -> None:
    """--tls-min-version=VersionTLS13 refuses what knows no newer than 1.2."""
    server = start_server(LEAN, "--tls-min-version=VersionTLS13")
    context = server.ssl_context()
    with _handshake(server, context) as connection:
        assert connection.version() == "TLSv1.3"
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        _handshake(server, context)


def test_cipher_suites(start_server: Start) -> None:
    """--tls-cipher-suites are all that TLS 1.2 is spoken with."""
    server = start_server(LEAN, "--tls-cipher-suites=TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")
    context = server.ssl_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with _handshake(server, context) as connection:
        cipher = connection.cipher()
        assert cipher is not None
        assert cipher[0] == "ECDHE-ECDSA-AES256-GCM-SHA384"
    context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
    with pytest.raises(ssl.SSLError):
        _handshake(server, context)


def test_curves(start_server: Start) -> None:
    """--tls-curve-preferences are all that keys are agreed on with."""
    server = start_server(LEAN, "--tls-curve-preferences=24")
    context = server.ssl_context()
    context.set_ecdh_curve("secp384r1")
    _handshake(server, context).close()
    context.set_ecdh_curve("prime256v1")
    with pytest.raises(ssl.SSLError):
        _handshake(server, context)


def test_certificates_by_name(start_server: Start, tmp_path: Path) -> None:
    """--tls-sni-cert-key shows another certificate to clients that ask for its names."""
    ca = new_ca("other")
    pair = new_certificate(ca, "api.example.com", names=("api.example.com",), server=True)
    for name, content in (("ca.crt", ca.cert), ("tls.crt", pair.cert), ("tls.key", pair.key)):
        (tmp_path / name).write_bytes(content)
    server = start_server(LEAN, f"--tls-sni-cert-key={tmp_path}/tls.crt,{tmp_path}/tls.key")
    other = ssl.create_default_context(cafile=str(tmp_path / "ca.crt"))
    _handshake(server, other, "api.example.com").close()
    _handshake(server, server.ssl_context()).close()
    with pytest.raises(ssl.SSLCertVerificationError):
        _handshake(server, other)


def test_a_port_can_be_shared(start_server: Start) -> None:
    """--permit-port-sharing lets a second server listen where the first does; without it the start fails."""
    flags = (LEAN, f"--secure-port={free_port()}", "--permit-port-sharing")
    first, second = start_server(*flags), start_server(*flags)
    assert first.port == second.port
    with pytest.raises(Exception, match="--secure-port"):
        start_server(LEAN, f"--secure-port={first.port}")
