"""The certificates of a CA file, read again when the file changes.

Next: `x509.py`, which asks whether a client's verified chain ends at one of them.
"""

from __future__ import annotations

import logging
import os
import re
import ssl
import time
from collections.abc import Sequence

logger = logging.getLogger(__name__)
CHECK_INTERVAL = 1.0
"""Seconds between looks at the file."""
_PEM = re.compile(r"-----BEGIN (?:TRUSTED )?CERTIFICATE-----.+?-----END (?:TRUSTED )?CERTIFICATE-----", re.DOTALL)


def certificates_of(pem: str) -> list[bytes]:
    """The DER certificates in a PEM text. Raises ValueError for a broken one."""
    return [ssl.PEM_cert_to_DER_cert(block) for block in _PEM.findall(pem)]


class TrustAnchors:
    """The trusted certificates of one file. A broken new version is logged and the last good one kept.

    `generation` changes with the content, so that answers that depend on it can be forgotten.
    """

    def __init__(self, path: str) -> None:
        """Raises OSError, and ValueError when the file holds no certificate."""
        self.path = path
        self.generation = 0
        self._stamp: tuple[int, int] | None = None
        self._checked = 0.0
        self._anchors: frozenset[bytes] = frozenset()
        self._load()

    def _load(self) -> None:
        status = os.stat(self.path)
        stamp = (status.st_mtime_ns, status.st_size)
        if stamp == self._stamp:
            return
        with open(self.path, encoding="utf-8", errors="replace") as file:
            anchors = frozenset(certificates_of(file.read()))
        if not anchors:
            raise ValueError(f"{self.path!r} holds no certificate")
        self._stamp, self._anchors = stamp, anchors
        self.generation += 1

    def refresh(self) -> None:
        """Look at the file unless that was done a moment ago."""
        now = time.monotonic()
        if now - self._checked < CHECK_INTERVAL:
            return
        self._checked = now
        try:
            self._load()
        except (OSError, ValueError):
            logger.exception("Keeping the certificates read from %s before", self.path)

    def trusts(self, chain: Sequence[bytes]) -> bool:
        """Whether a chain that TLS verified ends at one of these certificates (any of its members may be one)."""
        return not self._anchors.isdisjoint(chain)
