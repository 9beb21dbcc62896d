"""Flags that are no options of the server: help and version (upstream: globalflag)."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from kubern.options.section import flag
from kubern.options.values import FlagType


def _parse_version(text: str) -> str:
    if text not in ("true", "false", "raw"):
        raise ValueError("must be true, false or raw")
    return "" if text == "false" else text


Version = Annotated[str, FlagType("version[=true]", _parse_version, bare="true")]


@dataclasses.dataclass
class GlobalOptions:
    """Help and version."""

    help: bool = flag(False, shorthand="h")
    """Print this help and exit."""

    version: Version = ""
    """--version, --version=raw print the version and exit."""
