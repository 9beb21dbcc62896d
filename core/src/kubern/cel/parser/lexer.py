"""Tokens of an expression by one regular expression (the lexical rules of CEL.g4).

Text that does not lex stops here with `Rejected`; `syntax/` then finds the messages.
Next: `parser.py`.
"""

from __future__ import annotations

import re
from functools import lru_cache

EOF = "<EOF>"
IDENT = "IDENTIFIER"
ESCAPED_IDENT = "ESC_IDENTIFIER"
INT = "NUM_INT"
UINT = "NUM_UINT"
FLOAT = "NUM_FLOAT"
STRING = "STRING"
BYTES = "BYTES"
KEYWORDS = frozenset({"in", "true", "false", "null"})

_ESCAPE = r"""\\(?:[abfnrtv"'`\\?]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7][0-7])"""
_STRING = (
    rf'"""(?:{_ESCAPE}|[^\\])*?"""'
    rf"|'''(?:{_ESCAPE}|[^\\])*?'''"
    rf'|"(?:{_ESCAPE}|[^\\"\n\r])*"'
    rf"|'(?:{_ESCAPE}|[^\\'\n\r])*'"
    r'|[rR](?:"""[\s\S]*?"""'
    r"|'''[\s\S]*?'''"
    r'|"[^"\n\r]*"'
    r"|'[^'\n\r]*')"
)
_TOKEN = (
    r"(?P<skip>[\t \r\n\f]+|//[^\n]*)"
    rf"|(?P<BYTES>[bB](?:{_STRING}))"
    rf"|(?P<STRING>{_STRING})"
    r"|(?P<ESC_IDENTIFIER>`[a-zA-Z0-9_.\-/ ]+`)"
    r"|(?P<IDENTIFIER>[a-zA-Z_][a-zA-Z0-9_]*)"
    r"|(?P<NUM_FLOAT>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<NUM_UINT>(?:0x[0-9a-fA-F]+|[0-9]+)[uU])"
    r"|(?P<NUM_INT>0x[0-9a-fA-F]+|[0-9]+)"
    r"|(?P<op>==|!=|<=|>=|&&|\|\||[<>\[\](){}.,\-!?:+*/%])"
)


class Rejected(Exception):
    """The text is no expression; `syntax.diagnose` says why."""


class Tokens:
    """The tokens as parallel lists: kind, text, offset; the last kind is EOF.

    The kind of a keyword or an operator is its text.
    """

    __slots__ = ("kinds", "offsets", "texts")

    def __init__(self, kinds: list[str], texts: list[str], offsets: list[int]) -> None:
        self.kinds = kinds
        self.texts = texts
        self.offsets = offsets


@lru_cache(maxsize=1)
def token_pattern() -> re.Pattern[str]:
    """The compiled token rules; group names are token kinds, `skip` and `op`."""
    return re.compile(_TOKEN)


def tokenize(text: str) -> Tokens:
    """Cut the text into tokens.

    Raises:
        Rejected: some text is no token.
    """
    kinds: list[str] = []
    texts: list[str] = []
    offsets: list[int] = []
    end = 0
    for match in token_pattern().finditer(text):
        if match.start() != end:
            raise Rejected
        start, end = end, match.end()
        kind = match.lastgroup
        if kind == "skip":
            continue
        token = match.group()
        if kind == "op" or (kind == IDENT and token in KEYWORDS):
            kind = token
        kinds.append(kind or "")
        texts.append(token)
        offsets.append(start)
    if end != len(text):
        raise Rejected
    kinds.append(EOF)
    texts.append(EOF)
    offsets.append(len(text))
    return Tokens(kinds, texts, offsets)
