"""Warnings about TLS secrets whose certificate and key are no pair, in the words of Go's crypto/tls.

Upstream: warningsForSecret in pkg/registry/core/secret. Next: `certificates/pem.py`, which finds the blocks.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern_kubeapi.groups.certificates.pem import CERTIFICATE_TYPE, Block, blocks

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

TLS_TYPE = "kubernetes.io/tls"
CERTIFICATE_KEY, PRIVATE_KEY_KEY = "tls.crt", "tls.key"
_PRIVATE_KEY = "PRIVATE KEY"


class _NoPairError(Exception):
    """Why there is no pair."""


def secret_warnings(secret: Mapping[str, Any]) -> list[str]:
    """What Go's X509KeyPair says about a TLS secret's data, nothing about other secrets."""
    if secret.get("type") != TLS_TYPE:
        return []
    data = secret.get("data") or {}
    certificate, key = (base64.b64decode(data.get(name) or "") for name in (CERTIFICATE_KEY, PRIVATE_KEY_KEY))
    try:
        _check_pair(_certificate_block(blocks(certificate)), _key_block(blocks(key)))
    except _NoPairError as problem:
        return [str(problem)]
    return []


def _shown(found: list[Block]) -> str:
    return f"[{' '.join(block.type for block in found)}]"


def _certificate_block(found: list[Block]) -> bytes:
    for block in found:
        if block.type == CERTIFICATE_TYPE:
            return block.data
    if not found:
        raise _NoPairError("tls: failed to find any PEM data in certificate input")
    if len(found) == 1 and found[0].type.endswith(_PRIVATE_KEY):
        raise _NoPairError(
            "tls: failed to find certificate PEM data in certificate input, but did find a private key; "
            "PEM inputs may have been switched"
        )
    raise _NoPairError(
        'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the '
        f"following types: {_shown(found)}"
    )


def _key_block(found: list[Block]) -> bytes:
    for block in found:
        if block.type == _PRIVATE_KEY or block.type.endswith(f" {_PRIVATE_KEY}"):
            return block.data
    if not found:
        raise _NoPairError("tls: failed to find any PEM data in key input")
    if len(found) == 1 and found[0].type == CERTIFICATE_TYPE:
        raise _NoPairError("tls: found a certificate rather than a key in the PEM for the private key")
    raise _NoPairError(
        'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of '
        f"the following types: {_shown(found)}"
    )


def _check_pair(certificate: bytes, key: bytes) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    families = (
        (rsa.RSAPublicKey, rsa.RSAPrivateKey),
        (ec.EllipticCurvePublicKey, ec.EllipticCurvePrivateKey),
        (ed25519.Ed25519PublicKey, ed25519.Ed25519PrivateKey),
    )
    try:
        public = x509.load_der_x509_certificate(certificate).public_key()
    except Exception:  # noqa: BLE001  # border to the parser, whose errors have many classes
        raise _NoPairError("x509: malformed certificate") from None
    private = _private_key(key)
    if not isinstance(private, tuple(of for _, of in families)):
        raise _NoPairError("tls: found unknown private key type in PKCS#8 wrapping")
    wanted = next((private_of for public_of, private_of in families if isinstance(public, public_of)), None)
    if wanted is None:
        raise _NoPairError("tls: unknown public key algorithm")
    if not isinstance(private, wanted):
        raise _NoPairError("tls: private key type does not match public key type")
    if private.public_key() != public:
        raise _NoPairError("tls: private key does not match public key")


def _private_key(der: bytes) -> PrivateKeyTypes:
    from cryptography.hazmat.primitives import serialization

    try:
        return serialization.load_der_private_key(der, None)
    except Exception:  # noqa: BLE001  # border to the parser, whose errors have many classes
        raise _NoPairError("tls: failed to parse private key") from None
