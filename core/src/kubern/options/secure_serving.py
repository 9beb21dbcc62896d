"""Flags of the TLS port (upstream: options.SecureServingOptions)."""

from __future__ import annotations

import dataclasses

from kubern.options.section import flag
from kubern.options.values import IP, Int32Slice, SNICertKeys, Strings

HTTP1_ONLY = "the server speaks HTTP/1.1"
TLS_VERSIONS = ("VersionTLS10", "VersionTLS11", "VersionTLS12", "VersionTLS13")


@dataclasses.dataclass
class SecureServingOptions:
    """The TLS port and its certificates."""

    bind_address: IP = "0.0.0.0"
    """The IP address to listen on with --secure-port; 0.0.0.0 or :: are all addresses."""

    cert_dir: str = "/var/run/kubernetes"
    """The directory for generated certificates. Not given: the directory pki in --data-dir."""

    disable_http2_serving: bool = flag(False, no_effect=HTTP1_ONLY)
    """Serve HTTP/1.1 only."""

    http2_max_streams_per_connection: int = flag(0, no_effect=HTTP1_ONLY)
    """How many HTTP/2 streams a client may have open on one connection."""

    permit_address_sharing: bool = flag(False, no_effect="every listener has SO_REUSEADDR, as Go's listeners have")
    """Use SO_REUSEADDR, so that the port can be bound again while old connections to it still time out."""

    permit_port_sharing: bool = False
    """Use SO_REUSEPORT, so that several servers can listen on the same address and port."""

    secure_port: int = 6443
    """The port for HTTPS with authentication and authorization. 0: any free port."""

    tls_cert_file: str = ""
    """File with the serving certificate, followed by intermediate certificates if any. Not given: a certificate is
    made and signed by a CA kept in --data-dir."""

    tls_cipher_suites: Strings = ()
    """Cipher suites for TLS 1.2 and older, by their Go (IANA) names, comma separated. Empty: the defaults of
    OpenSSL. Suites of TLS 1.3 are fixed."""

    tls_curve_preferences: Int32Slice = ()
    """Key exchange mechanisms in order of preference, as IANA numbers (23: P-256, 24: P-384, 25: P-521,
    29: X25519). Only the first one that OpenSSL knows is used. Empty: the defaults of OpenSSL."""

    tls_min_version: str = ""
    """The oldest TLS version: VersionTLS12 (default) or VersionTLS13."""

    tls_private_key_file: str = ""
    """File with the private key of --tls-cert-file."""

    tls_sni_cert_key: SNICertKeys = ()
    """Another serving certificate for clients that ask for certain names: cert,key[:name,...]. May be given several
    times. Names may start with *. ; without names those of the certificate are used."""

    def validate(self) -> list[str]:
        problems = []
        if not 0 <= self.secure_port <= 65535:
            problems.append(f"--secure-port: {self.secure_port} must be from 0 to 65535")
        if bool(self.tls_cert_file) != bool(self.tls_private_key_file):
            problems.append("--tls-cert-file and --tls-private-key-file: must be given together")
        if self.tls_min_version and self.tls_min_version not in TLS_VERSIONS:
            problems.append(f"--tls-min-version: {self.tls_min_version!r} must be one of {', '.join(TLS_VERSIONS)}")
        if self.tls_cipher_suites:
            from kubern.util.tls import unknown_cipher_suites

            problems += [
                f"--tls-cipher-suites: unknown cipher suite {name!r}"
                for name in unknown_cipher_suites(self.tls_cipher_suites)
            ]
        return problems

    def file_flags(self) -> dict[str, str]:
        """Files that must be readable when named, by flag."""
        return {"--tls-cert-file": self.tls_cert_file, "--tls-private-key-file": self.tls_private_key_file}
