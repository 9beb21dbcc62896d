"""Regular expressions of users: google-re2 only, with Go's error texts.

RE2's own bounded cache keeps compiled patterns. Next: `library/regex.py`.
"""

from __future__ import annotations

from typing import Any

from kubern.cel.errors import CelError

# What Go's regexp/syntax says where RE2 says otherwise.
_GO_TEXTS = {
    "missing ]": "missing closing ]",
    "missing )": "missing closing )",
    "trailing \\": "trailing backslash at end of expression",
    "no argument for repetition operator": "missing argument to repetition operator",
    "invalid repetition size": "invalid repeat count",
    "bad repetition operator": "invalid nested repetition operator",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "invalid named capture group": "invalid named capture",
    "pattern too large - compile failed": "expression too large",
}


def compile_pattern(pattern: str) -> Any:
    """The compiled pattern.

    Raises:
        CelError: it is no regular expression; the text is that of Go's regexp.
    """
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options=options)
    except re2.error as error:
        raise CelError(f"error parsing regexp: {_go_text(error, pattern)}") from error


def _go_text(error: Exception, pattern: str) -> str:
    reason = error.args[0] if error.args else ""
    text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    kind, separator, fragment = text.partition(": ")
    kind = _GO_TEXTS.get(kind, kind)
    if kind == "missing closing )":
        fragment = pattern
    return f"{kind}: `{fragment}`" if separator else kind


def matches(text: str, pattern: str) -> bool:
    """Whether the pattern matches somewhere in the text."""
    return compile_pattern(pattern).search(text) is not None
