"""What the apiextensions member needs beyond the shared config (upstream: apiextensions-apiserver's Config).

Next: `server.py`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubern.config import CompletedConfig


@dataclasses.dataclass(frozen=True, slots=True)
class APIExtensionsConfig:
    """Ready to serve."""

    generic: CompletedConfig


def build_config(generic: CompletedConfig) -> APIExtensionsConfig:
    """Read the flags that matter here from completed options."""
    return APIExtensionsConfig(generic)
