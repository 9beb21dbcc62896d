"""TLS secrets whose certificate and key are no pair are warned about in Go's words."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, x25519

Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | dsa.DSAPrivateKey
EC, OTHER_EC = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
ED25519 = ed25519.Ed25519PrivateKey.generate()
DSA = dsa.generate_private_key(1024)
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def _certificate(key: Any) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(START).not_valid_after(START + datetime.timedelta(1))
    return builder.sign(EC, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _private(key: Any, form: str = "PKCS8") -> bytes:
    secret = serialization.NoEncryption()
    return bytes(key.private_bytes(serialization.Encoding.PEM, getattr(serialization.PrivateFormat, form), secret))


def _block(kind: str) -> bytes:
    return f"-----BEGIN {kind}-----\nAAAA\n-----END {kind}-----\n".encode()


@pytest.fixture(scope="module")
def secrets(kind: Callable[[str, Any], Any]) -> Any:
    return kind("secrets", {})


@pytest.mark.parametrize(
    ("certificate", "key", "warning"),
    [
        (_certificate(EC), _private(EC), ""),
        (_certificate(EC), _private(EC, "TraditionalOpenSSL"), ""),
        (_block("NOTE") + _certificate(EC) + _certificate(OTHER_EC), _block("EC PARAMETERS") + _private(EC), ""),
        (_certificate(ED25519), _private(ED25519), ""),
        (_certificate(EC), _private(OTHER_EC), "tls: private key does not match public key"),
        (_certificate(EC), _private(ED25519), "tls: private key type does not match public key type"),
        (_certificate(DSA), _private(EC), "tls: unknown public key algorithm"),
        (
            _certificate(EC),
            _private(x25519.X25519PrivateKey.generate()),
            "tls: found unknown private key type in PKCS#8 wrapping",
        ),
        (_certificate(EC), _block("PRIVATE KEY"), "tls: failed to parse private key"),
        (_block("CERTIFICATE"), _private(EC), "x509: malformed certificate"),
        (b"x", _private(EC), "tls: failed to find any PEM data in certificate input"),
        (
            _private(EC),
            _certificate(EC),
            "tls: failed to find certificate PEM data in certificate input, but did find a private key; "
            "PEM inputs may have been switched",
        ),
        (
            _block("A") + _block("B C"),
            _private(EC),
            'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the '
            "following types: [A B C]",
        ),
        (_certificate(EC), b"", "tls: failed to find any PEM data in key input"),
        (
            _certificate(EC),
            _certificate(EC),
            "tls: found a certificate rather than a key in the PEM for the private key",
        ),
        (
            _certificate(EC),
            _block("XPRIVATE KEY"),
            'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of '
            "the following types: [XPRIVATE KEY]",
        ),
    ],
)
def test_pairs_of_tls_secrets(secrets: Any, certificate: bytes, key: bytes, warning: str) -> None:
    """A certificate and key that X509KeyPair refuses give one warning, at creation and at each change."""
    data = {"tls.crt": base64.b64encode(certificate).decode(), "tls.key": base64.b64encode(key).decode()}
    obj, warnings = secrets.create({"type": "kubernetes.io/tls", "data": data})
    assert warnings == ([warning] if warning else [])
    assert secrets.update(obj, {"metadata": {"labels": {"a": "b"}}})[1] == warnings


def test_other_secrets_are_not_looked_at(secrets: Any) -> None:
    """Opaque data is anything."""
    assert secrets.warnings({"data": {"tls.crt": "eA==", "tls.key": ""}}) == []
