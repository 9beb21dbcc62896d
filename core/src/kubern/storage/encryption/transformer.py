"""Values as the store keeps them: a prefix that names provider and key, then what the key's cipher made of it.

The first provider writes, all of them read: that is how keys are rotated. Upstream: value/transformer.go. Next:
`ciphers.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubern.storage.encryption.ciphers import Cipher, CipherError
from kubern.storage.errors import CorruptValue
from kubern.util.goquote import go_quote

ENCRYPTED = b"k8s:enc:"
IDENTITY = "identity transformer tried to read encrypted data"


class Provider:
    """One element of a resource's providers: its keys in order; without keys it is the identity provider."""

    def __init__(self, name: str = "", keys: Sequence[tuple[str, Cipher]] = ()) -> None:
        self.prefix = f"k8s:enc:{name}:v1:".encode() if name else b""
        self._keys = [(f"{key}:".encode(), cipher) for key, cipher in keys]
        kind = "AES" if name.startswith("aes") else name.capitalize()
        self._no_key = f"no matching key was found for the provided {kind} transformer"

    @property
    def first_prefix(self) -> bytes:
        """How values begin that this provider writes."""
        return self.prefix + (self._keys[0][0] if self._keys else b"")

    def encrypt(self, data: bytes, context: bytes) -> bytes:
        if not self._keys:
            return data
        prefix, cipher = self._keys[0]
        return self.prefix + prefix + cipher.encrypt(data, context)

    def decrypt(self, stored: bytes, context: bytes) -> bytes:
        """The value of what begins with `prefix`. Raises CipherError."""
        if not self._keys:
            if stored.startswith(ENCRYPTED):
                raise CipherError(IDENTITY)
            return stored
        data = stored[len(self.prefix) :]
        errors: list[str] = []
        for prefix, cipher in self._keys:
            if data.startswith(prefix):
                try:
                    return cipher.decrypt(data[len(prefix) :], context)
                except CipherError as error:
                    errors.append(str(error))
        raise CipherError(_aggregate(errors) or self._no_key)


class ValueTransformer:
    """The providers of one resource; `cacher/codec.py::Transformer`."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self._providers = list(providers)

    def to_storage(self, key: str, value: bytes) -> bytes:
        return self._providers[0].encrypt(value, key.encode())

    def from_storage(self, key: str, stored: bytes) -> bytes:
        """Raises CorruptValue when no provider can read it."""
        context = key.encode()
        errors: list[str] = []
        for provider in self._providers:
            if not stored.startswith(provider.prefix):
                continue
            try:
                return provider.decrypt(stored, context)
            except CipherError as error:
                if provider.prefix or len(self._providers) == 1:
                    errors.append(str(error))
        reason = _aggregate(errors) or "no matching prefix found"
        raise CorruptValue(key, f"unable to transform key {go_quote(key)}: {reason}")

    def is_stale(self, stored: bytes) -> bool:
        """Whether the value was not written by the first provider with its first key."""
        first = self._providers[0].first_prefix
        return not stored.startswith(first) if first else stored.startswith(ENCRYPTED)


def _aggregate(errors: Sequence[str]) -> str:
    """Several errors as upstream joins them."""
    distinct = list(dict.fromkeys(errors))
    return distinct[0] if len(distinct) == 1 else f"[{', '.join(distinct)}]" if distinct else ""
