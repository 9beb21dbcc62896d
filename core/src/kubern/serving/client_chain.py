"""The certificate chain of a client as TLS verified it.

Python before 3.13 keeps it in a private place, and a resumed TLS 1.2 session has only the leaf: the chains of leaves
verified before are remembered.
"""

from __future__ import annotations

import ssl
from typing import Any

_MAX_REMEMBERED = 4096


class ChainMemory:
    """Chains by leaf, of one listener."""

    def __init__(self) -> None:
        self._chains: dict[bytes, tuple[bytes, ...]] = {}

    def verified_chain(self, tls: ssl.SSLObject) -> tuple[bytes, ...]:
        """The chain as DER, leaf first, up to the trusted certificate; empty without a client certificate."""
        leaf = tls.getpeercert(binary_form=True)
        if leaf is None:
            return ()
        chain = _verified(tls)
        if not chain:
            return self._chains.get(leaf, ())
        if len(self._chains) >= _MAX_REMEMBERED:
            self._chains.clear()
        self._chains[leaf] = chain
        return chain


def _verified(tls: Any) -> tuple[bytes, ...]:
    if hasattr(tls, "get_verified_chain"):
        return tuple(tls.get_verified_chain())
    import _ssl

    return tuple(c.public_bytes(_ssl.ENCODING_DER) for c in tls._sslobj.get_verified_chain() or ())
