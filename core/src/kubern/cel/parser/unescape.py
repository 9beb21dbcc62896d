"""The value of a string or bytes literal (cel-go's parser/unescape.go).

The lexer has already made sure that quotes match and escapes are well formed.
Next: `parser.py` calls it for each literal.
"""

from __future__ import annotations

import re

_SIMPLE = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "`": "`",
    "?": "?",
}
_ESCAPED = re.compile(r"\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))")
_MAX_CODE_POINT = 0x10FFFF


class UnescapeError(Exception):
    """The literal has no value; the message is cel-go's."""


def unescape_string(literal: str) -> str:
    """The text of a string literal as written in the source.

    Raises:
        UnescapeError: an escape names no Unicode code point.
    """
    body, raw = _unquote(literal)
    if raw or "\\" not in body:
        return body
    return _ESCAPED.sub(_code_point, body)


def unescape_bytes(literal: str) -> bytes:
    """The bytes of a literal (its leading b already cut off).

    Raises:
        UnescapeError: a \\u escape, which bytes do not have.
    """
    body, raw = _unquote(literal)
    if raw or "\\" not in body:
        return body.encode()
    out: list[bytes] = []
    end = 0
    for match in _ESCAPED.finditer(body):
        out.append(body[end : match.start()].encode())
        end = match.end()
        hexadecimal, short, long, octal, simple = match.groups()
        if short or long:
            raise UnescapeError("unable to unescape string")
        if simple:
            out.append(_SIMPLE[simple].encode())
        else:
            out.append(bytes([int(hexadecimal, 16) if hexadecimal else int(octal, 8)]))
    out.append(body[end:].encode())
    return b"".join(out)


def _unquote(literal: str) -> tuple[str, bool]:
    raw = literal[0] in "rR"
    if raw:
        literal = literal[1:]
    # Line ends count as \n whatever the source has.
    if "\r" in literal:
        literal = literal.replace("\r\n", "\n").replace("\r", "\n")
    if literal[:3] in ('"""', "'''") and len(literal) >= 6:
        return literal[3:-3], raw
    return literal[1:-1], raw


def _code_point(match: re.Match[str]) -> str:
    hexadecimal, short, long, octal, simple = match.groups()
    if simple:
        return _SIMPLE[simple]
    if octal:
        return chr(int(octal, 8))
    code = int(hexadecimal or short or long, 16)
    if code > _MAX_CODE_POINT or 0xD800 <= code <= 0xDFFF:
        raise UnescapeError("invalid unicode code point")
    return chr(code)
