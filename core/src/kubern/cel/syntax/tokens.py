"""Tokens of a broken text, with the lexer's complaints about what is no token.

Next: `recovery.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from kubern.cel.parser.lexer import EOF, IDENT, KEYWORDS, token_pattern

_ESCAPES = "abfnrtv\"'`\\?"
_HEX = "0123456789abcdefABCDEF"
_OCTAL = "01234567"
_DIGITS_AFTER = {"x": 2, "X": 2, "u": 4, "U": 8}
_BACKTICK = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/ ")


class Token(NamedTuple):
    """A token: its type as the grammar names it, and where its text is."""

    kind: str
    start: int
    end: int


def tokenize(text: str, skip: Callable[[int, str], None]) -> Iterator[Token]:
    """The tokens, cut off as they are asked for, EOF last; what is none is handed to `skip`."""
    match_at, at = token_pattern().match, 0
    while at < len(text):
        match = match_at(text, at)
        if match is None:
            end = min(_failure(text, at) + 1, len(text))
            skip(at, text[at:end])
            at = end
            continue
        kind, start, at = match.lastgroup or "", at, match.end()
        if kind == "skip":
            continue
        if kind == "op" or (kind == IDENT and match.group() in KEYWORDS):
            kind = match.group()
        yield Token(kind, start, at)
    yield Token(EOF, len(text), len(text))


def _failure(text: str, start: int) -> int:
    """The offset of the character at which ANTLR's lexer gives up; the length of the text for its end."""
    first = text[start]
    if first in "&|=":
        return start + 1
    if first == "`":
        at = start + 1
        while at < len(text) and text[at] in _BACKTICK:
            at += 1
        return at
    if first in "\"'":
        return _unterminated(text, start + 1)
    return start


def _unterminated(text: str, at: int) -> int:
    while at < len(text) and text[at] not in "\n\r":
        if text[at] != "\\":
            at += 1
            continue
        at += 1
        if at >= len(text):
            break
        letter = text[at]
        if letter in _DIGITS_AFTER:
            end, allowed = at + 1 + _DIGITS_AFTER[letter], _HEX
        elif letter in "0123":
            end, allowed = at + 3, _OCTAL
        elif letter in _ESCAPES:
            end, allowed = at + 1, ""
        else:
            return at
        at += 1
        while at < end:
            if at >= len(text) or text[at] not in allowed:
                return at
            at += 1
    return at


def display(text: str) -> str:
    """Text inside a message, with line ends and tabs made visible."""
    return text.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
