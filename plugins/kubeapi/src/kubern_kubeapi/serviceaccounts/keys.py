"""Keys of service-account tokens: the one that signs and those that tokens are checked against.

Upstream: client-go/util/keyutil and serviceaccount.jwtTokenGenerator. A key's ID is the hash of its public half, so
that tokens name their key without anybody having to keep names. Next: `jwt_tokens.py`, `openid.py`.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_PEM_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.+?-----END \1-----", re.DOTALL)
_CURVE_ALGORITHMS = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_CURVE_NAMES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


class KeyFileError(ValueError):
    """A key file without a usable key; the text names the file."""


@dataclasses.dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that tokens are checked against."""

    key_id: str
    algorithm: str
    key: Any

    def jwk(self) -> dict[str, str]:
        """The key as a JSON Web Key (RFC 7517), members in the order that upstream's library writes."""
        numbers = self.key.public_numbers()
        out = {"use": "sig", "kty": "RSA" if self.algorithm.startswith("RS") else "EC", "kid": self.key_id}
        if out["kty"] == "RSA":
            size = (numbers.n.bit_length() + 7) // 8
            exponent = (numbers.e.bit_length() + 7) // 8
            return out | {"alg": self.algorithm, "n": _encode(numbers.n, size), "e": _encode(numbers.e, exponent)}
        size = (self.key.curve.key_size + 7) // 8
        out |= {"crv": _CURVE_NAMES[self.algorithm], "alg": self.algorithm}
        return out | {"x": _encode(numbers.x, size), "y": _encode(numbers.y, size)}


@dataclasses.dataclass(frozen=True, slots=True)
class SigningKey:
    """The key that signs new tokens."""

    public: PublicKey
    key: PrivateKeyTypes


def _encode(number: int, size: int) -> str:
    return base64url(number.to_bytes(size, "big"))


def base64url(raw: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def load_signing_key(path: str) -> SigningKey:
    """The private key of a PEM file. Raises OSError, KeyFileError."""
    for block in _PEM_BLOCK.finditer(Path(path).read_bytes()):
        if not block.group(1).endswith(b"PRIVATE KEY"):
            continue
        try:
            key = _private_key(block.group())
        except (ValueError, TypeError) as error:
            raise KeyFileError(f"{path!r} holds a private key that cannot be read: {error}") from None
        return SigningKey(_describe(key.public_key(), path), key)
    raise KeyFileError(f"{path!r} must hold a private key, RSA or ECDSA, as PEM")


def _private_key(pem: bytes) -> Any:
    """A private key, checked as Go does: that its numbers fit each other. Raises ValueError, TypeError.

    The library's own check also proves the primes of an RSA key, which takes 40 ms of every start.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    key = serialization.load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
    if isinstance(key, RSAPrivateKey):
        numbers = key.private_numbers()
        p, q, public = numbers.p, numbers.q, numbers.public_numbers
        if p * q != public.n or any(public.e * numbers.d % (prime - 1) != 1 for prime in (p, q)):
            raise ValueError("the numbers of the RSA key do not fit each other")
    return key


def load_public_keys(paths: Iterable[str]) -> tuple[PublicKey, ...]:
    """The public keys of PEM files that hold public keys, private keys or certificates, each key once.

    Raises OSError, KeyFileError.
    """
    found: dict[str, PublicKey] = {}
    for path in paths:
        keys = [_describe(key, path) for key in _public_keys(path)]
        if not keys:
            raise KeyFileError(f"{path!r} must hold a public or private key, RSA or ECDSA, as PEM")
        found.update((key.key_id, key) for key in keys)
    return tuple(found.values())


def _public_keys(path: str) -> Iterable[Any]:
    from cryptography.hazmat.primitives import serialization

    for block in _PEM_BLOCK.finditer(Path(path).read_bytes()):
        name = block.group(1)
        try:
            if name.endswith(b"PRIVATE KEY"):
                yield _private_key(block.group()).public_key()
            elif name.endswith(b"PUBLIC KEY"):
                yield serialization.load_pem_public_key(block.group())
            elif name == b"CERTIFICATE":
                from cryptography import x509  # most key files hold none, and it is slow to import

                yield x509.load_pem_x509_certificate(block.group()).public_key()
        except (ValueError, TypeError) as error:
            raise KeyFileError(f"{path!r} holds a key that cannot be read: {error}") from None


def _describe(key: Any, path: str) -> PublicKey:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    algorithm = "RS256" if isinstance(key, RSAPublicKey) else ""
    if isinstance(key, EllipticCurvePublicKey):
        algorithm = _CURVE_ALGORITHMS.get(key.curve.name, "")
    if not algorithm:
        raise KeyFileError(f"{path!r} holds a key that is neither RSA nor ECDSA on P-256, P-384 or P-521")
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(base64url(hashlib.sha256(der).digest()), algorithm, key)
