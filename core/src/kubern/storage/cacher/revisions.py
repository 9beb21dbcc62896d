"""resourceVersion texts as numbers; next: `cacher.py`. Upstream: storage/api_object_versioner.go."""

from __future__ import annotations

from kubern.storage.errors import InvalidResourceVersion
from kubern.util.goquote import go_quote

_MAX = (1 << 64) - 1


def parse_resource_version(text: str) -> int:
    """The revision; "" and "0" are 0. Raises InvalidResourceVersion."""
    if text == "" or text == "0":
        return 0
    if not (text.isascii() and text.isdigit()):
        raise InvalidResourceVersion(text, f"strconv.ParseUint: parsing {go_quote(text)}: invalid syntax")
    rev = int(text) if len(text) <= 20 else _MAX + 1
    if rev > _MAX:
        raise InvalidResourceVersion(text, f"strconv.ParseUint: parsing {go_quote(text)}: value out of range")
    return rev
