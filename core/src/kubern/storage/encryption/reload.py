"""Reading the encryption configuration again while the server runs; next: `config.py`.

Upstream: encryptionconfig/controller. A file that became wrong is reported and the last good one stays in force.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from kubern.storage.encryption.config import EncryptionConfig, EncryptionConfigError, parse_encryption_config

log = logging.getLogger(__name__)


async def reload_on_change(config: EncryptionConfig, path: Path, period: float = 60.0) -> None:
    """Look at the file each `period` seconds and put what changed into force; runs until cancelled."""
    known = path.read_bytes()
    while True:
        await asyncio.sleep(period)
        try:
            data = path.read_bytes()
            if data == known:
                continue
            config.adopt(parse_encryption_config(data))
        except (OSError, EncryptionConfigError) as error:
            log.error("encryption configuration not reloaded: %s", error)
            continue
        known = data
        log.info("encryption configuration reloaded")
