"""Regular expressions as Go's regexp package compiles them: RE2 underneath, with Go's error texts.

Every pattern that comes from a user goes through here: matching takes linear time.
"""

from __future__ import annotations

import re
from typing import Any, Final

_MESSAGES: Final = {
    "missing )": "missing closing )",
    "unexpected )": "unexpected )",
    "missing ]": "missing closing ]",
    "bad repetition operator": "invalid nested repetition operator",
    "invalid named capture group": "invalid named capture",
    "invalid repetition size": "invalid repeat count",
    "invalid escape sequence": "invalid escape sequence",
    "invalid character class range": "invalid character class range",
    "invalid character class": "invalid character class",
    "no argument for repetition operator": "missing argument to repetition operator",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "invalid UTF-8": "invalid UTF-8",
    "pattern too large - compile failed": "expression too large",
}
_TRAILING: Final = "trailing \\"
_GROUP_NAME: Final = re.compile(r"\(\?P?<(\w+)>")


class GoRegexpError(ValueError):
    """A pattern that does not compile; the text is that of Go's regexp.Compile."""


def compile_go(pattern: str) -> Any:
    """The compiled pattern (`.search(text)` is Go's MatchString). Raises GoRegexpError."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        raise GoRegexpError(_go_text(_text(error), pattern)) from None
    _check_group_names(pattern)
    return compiled


def _text(error: Exception) -> str:
    raw = error.args[0]
    return raw.decode(errors="replace") if isinstance(raw, bytes) else str(raw)


def _go_text(message: str, pattern: str) -> str:
    if message.startswith(_TRAILING):
        return "error parsing regexp: trailing backslash at end of expression: ``"
    words, _, part = message.partition(": ")
    known = _MESSAGES.get(words)
    if known is None:
        return f"error parsing regexp: {message}: `{pattern}`"
    return f"error parsing regexp: {known}: `{part}`"


def _check_group_names(pattern: str) -> None:
    """Go refuses a second group of the same name."""
    seen: set[str] = set()
    for name in _GROUP_NAME.findall(pattern):
        if name in seen:
            raise GoRegexpError(f"error parsing regexp: invalid named capture: `{name}`")
        seen.add(name)
