"""Which way ANTLR goes at each branch of the grammar, and where it finds none.

ANTLR simulates its network ahead until one way remains. For this grammar that comes to the few tokens looked at
here, with ANTLR's rules for dead ends: a way that has already finished the rule wins, else it is an error at the
token that killed the last way.
Next: `recovery.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from kubern.cel.syntax.grammar import (
    ADDITIONS,
    EXPR_FIRST,
    LITERALS,
    MULTIPLICATIONS,
    NUMBERS,
    PRIMARY_FIRST,
    RELATIONS,
    Grammar,
    State,
)


class Lookahead(Protocol):
    """What a decision may ask the parser."""

    grammar: Grammar

    def kind(self, ahead: int) -> str:
        """The kind of the token so far ahead, 1 for the next one."""

    @property
    def precedence(self) -> int:
        """The precedence with which the current rule was called."""


class NoWay(Exception):
    """No way leads on; `ahead` is the token at which the last one ended."""

    def __init__(self, ahead: int) -> None:
        self.ahead = ahead
        super().__init__(ahead)


def _by_first_token(look: Lookahead, state: State) -> int:
    """The first choice whose tokens include the next one; the last choice otherwise."""
    kind = look.kind(1)
    for index, choice in enumerate(state.choices[:-1]):
        if kind in look.grammar.next_tokens(choice):
            return index
    return len(state.choices) - 1


def _one_of(look: Lookahead, state: State) -> int:
    kind = look.kind(1)
    for index, choice in enumerate(state.choices):
        if kind in look.grammar.next_tokens(choice):
            return index
    raise NoWay(1)


def _relation(look: Lookahead, _state: State) -> int:
    return 0 if look.kind(1) in RELATIONS and look.precedence <= 1 else 1


def _calc(look: Lookahead, _state: State) -> int:
    kind = look.kind(1)
    if kind in MULTIPLICATIONS:
        return 0 if look.precedence <= 2 else 1
    return 0 if kind in ADDITIONS and look.precedence <= 1 else 1


def _operator(look: Lookahead, _state: State) -> int:
    return 0 if look.kind(1) in MULTIPLICATIONS else 1


def _unary(look: Lookahead, _state: State) -> int:
    kind = look.kind(1)
    if kind == "!":
        return 1
    if kind == "-":
        following = look.kind(2)
        if following in NUMBERS:
            return 0
        if following in PRIMARY_FIRST:
            return 2
        raise NoWay(2)
    if kind in PRIMARY_FIRST:
        return 0
    raise NoWay(1)


def _minus(look: Lookahead, _state: State) -> int:
    kind = look.kind(1)
    if kind == "-":
        if look.kind(2) in PRIMARY_FIRST:
            return 0
        raise NoWay(2)
    if kind in PRIMARY_FIRST:
        return 1
    raise NoWay(1)


def _member(look: Lookahead, _state: State) -> int:
    return 0 if look.kind(1) in (".", "[") else 1


def _postfix(look: Lookahead, _state: State) -> int:
    if look.kind(1) == "[":
        return 2
    following = look.kind(2)
    if following == "IDENTIFIER":
        return 1 if look.kind(3) == "(" else 0
    if following in ("?", "ESC_IDENTIFIER"):
        return 0
    raise NoWay(2)


_PRIMARY_BY_TOKEN = {"(": 2, "[": 3, "{": 4, **dict.fromkeys(LITERALS | {"-"}, 6)}


def _primary(look: Lookahead, _state: State) -> int:
    kind = look.kind(1)
    simple = _PRIMARY_BY_TOKEN.get(kind)
    if simple is not None:
        return simple
    ahead = 1
    if kind == ".":
        ahead = 2
    if look.kind(ahead) != "IDENTIFIER":
        raise NoWay(ahead)
    ahead += 1
    if look.kind(ahead) == "(":
        return 1
    while look.kind(ahead) == "." and look.kind(ahead + 1) == "IDENTIFIER":
        ahead += 2
    return 5 if look.kind(ahead) == "{" else 0


def _list(look: Lookahead, state: State) -> int:
    if look.kind(1) != ",":
        return 1
    firsts = {"?", "IDENTIFIER", "ESC_IDENTIFIER"} if state.rule == "fieldInitializerList" else EXPR_FIRST | {"?"}
    return 0 if look.kind(2) in firsts else 1


_LITERAL_BY_TOKEN = {
    "NUM_INT": 0,
    "NUM_UINT": 1,
    "NUM_FLOAT": 2,
    "STRING": 3,
    "BYTES": 4,
    "true": 5,
    "false": 6,
    "null": 7,
}


def _literal(look: Lookahead, _state: State) -> int:
    ahead = 2 if look.kind(1) == "-" else 1
    choice = _LITERAL_BY_TOKEN.get(look.kind(ahead))
    if choice is None or (ahead == 2 and choice not in (0, 2)):
        raise NoWay(ahead)
    return choice


DECISIONS: dict[str, Callable[[Lookahead, State], int]] = {
    "optional": _by_first_token,
    "one-token": _by_first_token,
    "one-of": _one_of,
    "relation": _relation,
    "calc": _calc,
    "operator": _operator,
    "unary": _unary,
    "minus": _minus,
    "member": _member,
    "postfix": _postfix,
    "primary": _primary,
    "list": _list,
    "literal": _literal,
}
