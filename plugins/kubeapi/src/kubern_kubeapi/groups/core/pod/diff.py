"""What changed, as messages about pods show it (upstream: apimachinery/pkg/util/diff).

A unified diff of both sides' indented JSON, three lines of context, without file names.
"""

from __future__ import annotations

import difflib
import json
from typing import Any

from kubern.apimachinery.field import escape_html


def _lines(value: Any) -> list[str]:
    text = escape_html(json.dumps(value, indent=1, ensure_ascii=False))
    return [line + "\n" for line in text.split("\n")]


def diff(old: Any, new: Any) -> str:
    """The difference between two values of internal types."""
    lines = list(difflib.unified_diff(_lines(old), _lines(new), n=3))
    return "".join(lines[2:])
