"""The format `email`: what Go's mail.ParseAddress accepts. Next: `formats.py`."""

from __future__ import annotations

import functools
import re
from typing import Final

_ATEXT: Final = r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\x80-\U0010ffff]"
_DOT_ATOM: Final = rf"{_ATEXT}+(?:\.{_ATEXT}+)*"
_QUOTED: Final = r'"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e\x80-\U0010ffff])*"'
_DOMAIN: Final = rf"(?:{_DOT_ATOM}|\[[^\[\]\\\x00-\x1f\x7f]*\])"
_ADDR_SPEC: Final = rf"(?:{_DOT_ATOM}|{_QUOTED})@{_DOMAIN}"
_COMMENT: Final = r"(?:\s*\([^()]*\))?\s*"
_WORD: Final = rf"(?:{_ATEXT}[A-Za-z0-9!#$%&'*+\-/=?^_`{{|}}~.\x80-\U0010ffff]*|{_QUOTED})"
_ADDRESS: Final = rf"\s*(?:{_ADDR_SPEC}|(?:{_WORD}(?:[ \t]+{_WORD})*)?\s*<\s*{_ADDR_SPEC}\s*>){_COMMENT}"


@functools.cache
def _address() -> re.Pattern[str]:
    """Compiled on first use: its character classes take as long as importing a package."""
    return re.compile(_ADDRESS)


def is_email(value: str) -> bool:
    """One address, with or without a display name."""
    return len(value) <= 4096 and _address().fullmatch(value) is not None
