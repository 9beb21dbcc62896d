"""Regular expressions of users: google-re2 only, with Go's error texts.

RE2's own bounded cache keeps compiled patterns. Next: `library/regex.py`.
"""

from __future__ import annotations

from typing import Any

from kubern.cel.errors import CelError
from kubern.util.goregexp import GoRegexpError, compile_go


def compile_pattern(pattern: str) -> Any:
    """The compiled pattern.

    Raises:
        CelError: it is no regular expression; the text is that of Go's regexp.
    """
    try:
        return compile_go(pattern)
    except GoRegexpError as error:
        raise CelError(str(error)) from None


def matches(text: str, pattern: str) -> bool:
    """Whether the pattern matches somewhere in the text."""
    return compile_pattern(pattern).search(text) is not None
