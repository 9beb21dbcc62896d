"""placeholder"""

from __future__ import annotations

from kubern.cel.errors import Issue
from kubern.cel.source import Source


def diagnose(source: Source) -> list[Issue]:
    return [Issue(source.location(0), "Syntax error")]
