"""The TLS side of a port: certificates by server name, trusted client CAs, all read again when their files change.

A connection starts on one fixed context whose server-name callback moves it to the newest one, so that changed
certificates and CAs count for new connections while old ones go on. Next: `listener.py`.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import logging
import os
import ssl
import time
from collections.abc import Iterable, Mapping
from typing import Any

from kubern.util.tls import CURVES, VERSIONS, openssl_ciphers

logger = logging.getLogger(__name__)
CHECK_INTERVAL = 1.0
"""Seconds between looks at the files."""
_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME: an expired client certificate is answered with 401, not with a failed handshake."""


@dataclasses.dataclass(frozen=True, slots=True)
class TLSSettings:
    """What a TLS port is configured with.

    `client_ca_files` are all CAs whose certificates a client may show; which of them means what is decided by the
    authenticators. `sni` holds (certificate, key, names), earlier ones first; without names those of the
    certificate are used.
    """

    cert_file: str
    key_file: str
    client_ca_files: tuple[str, ...] = ()
    sni: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    min_version: str = ""
    cipher_suites: tuple[str, ...] = ()
    curves: tuple[int, ...] = ()

    def files(self) -> list[str]:
        """Every file that, when changed, changes what is served."""
        pairs = [(self.cert_file, self.key_file), *((cert, key) for cert, key, _ in self.sni)]
        return [*(path for pair in pairs for path in pair), *self.client_ca_files]


class TLSPort:
    """Serves the newest readable state of its files; `context` is for `loop.create_server`."""

    def __init__(self, settings: TLSSettings) -> None:
        """Raises OSError, and ssl.SSLError for files that hold no matching certificate and key."""
        self._settings = settings
        self._stamp = _stamp(settings.files())
        self._checked = time.monotonic()
        self._default, self._by_name = _build(settings)
        self.context = _new_context(settings, settings.cert_file, settings.key_file)
        self.context.sni_callback = self._choose

    def _choose(self, connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        """The server-name callback, called for each handshake, with or without a name."""
        self._refresh()
        connection.context = self._context_for(name.lower()) if name else self._default

    def _context_for(self, name: str) -> ssl.SSLContext:
        wildcard = "*." + name.partition(".")[2]
        return self._by_name.get(name) or self._by_name.get(wildcard) or self._default

    def _refresh(self) -> None:
        now = time.monotonic()
        if now - self._checked < CHECK_INTERVAL:
            return
        self._checked = now
        stamp = _stamp(self._settings.files())
        if stamp == self._stamp:
            return
        try:
            self._default, self._by_name = _build(self._settings)
        except (OSError, ssl.SSLError):
            logger.exception("Keeping the serving certificates and client CAs read before")
            return
        self._stamp = stamp
        logger.info("Serving changed certificates or client CAs to new connections")


def _stamp(files: Iterable[str]) -> tuple[Any, ...]:
    """Changes when a file does; 0 for a missing one."""
    stamps = []
    for path in files:
        try:
            status = os.stat(path)
            stamps.append((status.st_mtime_ns, status.st_size, status.st_ino))
        except OSError:
            stamps.append((0, 0, 0))
    return tuple(stamps)


def _build(settings: TLSSettings) -> tuple[ssl.SSLContext, Mapping[str, ssl.SSLContext]]:
    """The default context and those by name. Names that a flag gives win over names in certificates."""
    default = _new_context(settings, settings.cert_file, settings.key_file)
    explicit: dict[str, ssl.SSLContext] = {}
    implicit: dict[str, ssl.SSLContext] = {}
    for cert, key, names in settings.sni:
        context = _new_context(settings, cert, key)
        for name in names:
            explicit.setdefault(name.lower(), context)
        if not names:
            for name in certificate_names(cert):
                implicit.setdefault(name.lower(), context)
    return default, {**implicit, **explicit}


def _new_context(settings: TLSSettings, cert: str, key: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = VERSIONS[settings.min_version or "VersionTLS12"]
    context.load_cert_chain(cert, key)
    context.set_alpn_protocols(["http/1.1"])
    # Without tickets every handshake shows the client's chain, and a removed CA counts at once.
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    ciphers = openssl_ciphers(settings.cipher_suites)
    if ciphers:
        context.set_ciphers(ciphers)
    curve = next((CURVES[number] for number in settings.curves if number in CURVES), None)
    if curve:
        context.set_ecdh_curve(curve)
    if settings.client_ca_files:
        # Differs from kube-apiserver: a certificate of an unknown CA ends the handshake instead of being answered
        # with 401; Python's ssl cannot ask for a certificate without verifying it.
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VerifyFlags(_NO_CHECK_TIME)
        for path in settings.client_ca_files:
            context.load_verify_locations(path)
    return context


def certificate_names(path: str) -> list[str]:
    """Names that a certificate is for: its common name if that is a DNS name, then its alternative names."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    with open(path, "rb") as file:
        certificate = x509.load_pem_x509_certificate(file.read())
    names = [str(a.value) for a in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    names = [name for name in names if name and " " not in name and not _is_address(name)]
    try:
        alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return names
    addresses = [str(address) for address in alternatives.get_values_for_type(x509.IPAddress)]
    return [*names, *alternatives.get_values_for_type(x509.DNSName), *addresses]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
