"""The algorithms of encryption at rest, one key each; next: `transformer.py`.

Upstream: storage/value/encrypt. `context` is the key a value is stored under: with AES-GCM a value copied to another
key cannot be read there.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

_BLOCK = 16
_TOO_SHORT = "the stored data was shorter than the required size"


class CipherError(Exception):
    """A value that this key cannot decrypt; the text is upstream's."""


class Cipher(Protocol):
    """Encrypts and decrypts with one key."""

    def encrypt(self, data: bytes, context: bytes) -> bytes: ...

    def decrypt(self, data: bytes, context: bytes) -> bytes:
        """Raises CipherError."""


class AesCbc:
    """AES-CBC with PKCS#7 padding, the initialization vector in front; not authenticated."""

    def __init__(self, key: bytes) -> None:
        self._aes = AES(key)

    def encrypt(self, data: bytes, context: bytes) -> bytes:
        padding = _BLOCK - len(data) % _BLOCK
        iv = os.urandom(_BLOCK)
        encryptor = BlockCipher(self._aes, CBC(iv)).encryptor()
        return iv + encryptor.update(data + bytes((padding,)) * padding) + encryptor.finalize()

    def decrypt(self, data: bytes, context: bytes) -> bytes:
        if len(data) < _BLOCK:
            raise CipherError(_TOO_SHORT)
        if len(data) % _BLOCK:
            raise CipherError("the stored data is not a multiple of the block size")
        decryptor = BlockCipher(self._aes, CBC(data[:_BLOCK])).decryptor()
        padded = decryptor.update(data[_BLOCK:]) + decryptor.finalize()
        size = padded[-1] if padded else 0
        if not 0 < size <= _BLOCK or not padded.endswith(bytes((size,)) * size):
            raise CipherError("invalid padding on input")
        return padded[:-size]


class AesGcm:
    """AES-GCM, a random nonce in front, bound to the key the value is stored under."""

    _NONCE = 12

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def encrypt(self, data: bytes, context: bytes) -> bytes:
        nonce = os.urandom(self._NONCE)
        return nonce + self._aead.encrypt(nonce, data, context)

    def decrypt(self, data: bytes, context: bytes) -> bytes:
        if len(data) < self._NONCE:
            raise CipherError(_TOO_SHORT)
        try:
            return self._aead.decrypt(data[: self._NONCE], data[self._NONCE :], context)
        except InvalidTag:
            raise CipherError("cipher: message authentication failed") from None


class Secretbox:
    """XSalsa20 and Poly1305 (NaCl's secretbox), a random nonce in front. Needs PyNaCl: extra kubern-core[secretbox]."""

    def __init__(self, key: bytes) -> None:
        from nacl.secret import SecretBox

        self._box = SecretBox(key)

    def encrypt(self, data: bytes, context: bytes) -> bytes:
        return bytes(self._box.encrypt(data))

    def decrypt(self, data: bytes, context: bytes) -> bytes:
        from nacl.exceptions import CryptoError

        if len(data) < self._box.NONCE_SIZE:
            raise CipherError(_TOO_SHORT)
        try:
            return self._box.decrypt(data)
        except (CryptoError, ValueError):
            raise CipherError("output array was not large enough for encryption") from None


CIPHERS: dict[str, Callable[[bytes], Cipher]] = {"aescbc": AesCbc, "aesgcm": AesGcm, "secretbox": Secretbox}
"""By the name of the provider in the file."""
