"""The ports that the options ask for, opened before anything else so that a taken one ends the start early.

Upstream: SecureServingOptions.ApplyTo and DeprecatedInsecureServingOptions.ApplyTo. Next: `serving/tls.py`,
`serving/listener.py`.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kubern.authentication.insecure_port import INSECURE_KEY
from kubern.lifecycle import StartError
from kubern.options.authentication import AuthenticationOptions
from kubern.options.first_start import write_admin_kubeconfig
from kubern.options.insecure_serving import InsecureServingOptions
from kubern.options.secure_serving import SecureServingOptions
from kubern.serving.listener import listen, port_of
from kubern.serving.tls import TLSPort, TLSSettings

if TYPE_CHECKING:
    from kubern.options.options import CompletedOptions


class Port(NamedTuple):
    """A listening socket, its TLS, and what requests on it are told in `scope["state"]`."""

    listener: socket.socket
    tls: ssl.SSLContext | None
    state: dict[str, Any]


class Ports:
    """The TLS port and, if wanted, the insecure one; closed at the end of the `with`."""

    def __init__(self, completed: CompletedOptions) -> None:
        """Raises StartError."""
        self._completed = completed
        secure, insecure = completed.section(SecureServingOptions), completed.section(InsecureServingOptions)
        try:
            tls = TLSPort(_tls_settings(completed))
        except (OSError, ssl.SSLError) as error:
            raise StartError(f"--tls-cert-file, --tls-private-key-file: {error}") from error
        self._ports = [
            Port(_open("--secure-port", secure.bind_address, secure.secure_port, secure), tls.context, {}),
        ]
        if insecure.insecure_port:
            plain = _open("--insecure-port", insecure.insecure_bind_address, insecure.insecure_port, secure)
            self._ports.append(Port(plain, None, {INSECURE_KEY: True}))

    def __enter__(self) -> Ports:
        return self

    def __exit__(self, *_: object) -> None:
        for port in self._ports:
            port.listener.close()

    def __iter__(self) -> Iterator[Port]:
        return iter(self._ports)

    @property
    def url(self) -> str:
        """How clients on this host reach the TLS port."""
        bind = ipaddress.ip_address(self._completed.section(SecureServingOptions).bind_address)
        host = "127.0.0.1" if bind.is_unspecified else f"[{bind}]" if bind.version == 6 else str(bind)
        return f"https://{host}:{port_of(self._ports[0].listener)}"

    def write_admin_kubeconfig(self) -> None:
        """Write admin.kubeconfig, now that the port is known."""
        files = self._completed.facts.files
        given = Path(self._completed.section(SecureServingOptions).tls_cert_file)
        write_admin_kubeconfig(files, self.url, files.ca_cert if files.makes_serving_cert else given)


def _open(flag: str, address: str, port: int, secure: SecureServingOptions) -> socket.socket:
    try:
        return listen(address, port, share_port=secure.permit_port_sharing)
    except OSError as error:
        raise StartError(f"{flag}: cannot listen on {address} port {port}: {error.strerror}") from error


def _tls_settings(completed: CompletedOptions) -> TLSSettings:
    secure, authentication = completed.section(SecureServingOptions), completed.section(AuthenticationOptions)
    client_cas = (authentication.client_ca_file, authentication.requestheader_client_ca_file)
    return TLSSettings(
        secure.tls_cert_file,
        secure.tls_private_key_file,
        tuple(path for path in client_cas if path),
        tuple((pair.cert_file, pair.key_file, pair.names) for pair in secure.tls_sni_cert_key),
        secure.tls_min_version,
        secure.tls_cipher_suites,
        secure.tls_curve_preferences,
    )
