"""The grammar of CEL (CEL.g4 of cel-go) as ANTLR's network of states.

States matter beyond the language itself: where the parser is decides which tokens a message lists, and
whether a token may be skipped or made up. The construction follows ANTLR's ParserATNFactory.
Next: `decisions.py`, `recovery.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from itertools import pairwise

from kubern.cel.parser.lexer import EOF

# All tokens in the order in which messages list them.
TOKENS = (
    EOF,
    *("==", "!=", "in", "<", "<=", ">=", ">", "&&", "||", "[", "]", "{", "}", "(", ")", ".", ",", "-"),
    *("!", "?", ":", "+", "*", "/", "%", "true", "false", "null"),
    *("NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES", "IDENTIFIER", "ESC_IDENTIFIER"),
)
RELATIONS = frozenset({"<", "<=", ">=", ">", "==", "!=", "in"})
MULTIPLICATIONS = frozenset({"*", "/", "%"})
ADDITIONS = frozenset({"+", "-"})
LITERALS = frozenset({"NUM_INT", "NUM_UINT", "NUM_FLOAT", "STRING", "BYTES", "true", "false", "null"})
NUMBERS = frozenset({"NUM_INT", "NUM_FLOAT"})
PRIMARY_FIRST = LITERALS | {".", "IDENTIFIER", "(", "[", "{", "-"}
EXPR_FIRST = PRIMARY_FIRST | {"!"}
# The end of the rule, among the tokens that may come next.
EPSILON = "<EPSILON>"


class StateKind(Enum):
    """What a state does; ANTLR's error recovery treats them differently."""

    BASIC = 0
    BLOCK_START = 1
    LOOP_ENTRY = 2
    STAR_LOOP_BACK = 3
    PLUS_LOOP_BACK = 4
    RULE_STOP = 5


class State:
    """A state of the network: either a token set, a rule to call, or choices of next states."""

    __slots__ = ("call", "choices", "decision", "kind", "precedence", "rule", "tokens")

    def __init__(self, rule: str, kind: StateKind = StateKind.BASIC) -> None:
        self.rule = rule
        self.kind = kind
        self.choices: list[State] = []
        self.tokens: frozenset[str] | None = None
        self.call: str | None = None
        self.precedence = 0
        # The name of the decision to take here, empty where there is only one way.
        self.decision = ""


# A part of a rule: first state and a function to say what follows its last one.
Part = tuple[State, Callable[[State], None]]


class Grammar:
    """The network: first and last state of each rule."""

    def __init__(self) -> None:
        self.start: dict[str, State] = {}
        self.stop: dict[str, State] = {}
        self._rule = ""
        self._next_tokens: dict[State, frozenset[str]] = {}

    def define(self, rule: str, build: Callable[[Grammar], Part]) -> None:
        """Add a rule."""
        self._rule = rule
        first, then = build(self)
        stop = State(rule, StateKind.RULE_STOP)
        then(stop)
        self.start[rule], self.stop[rule] = first, stop

    def token(self, *kinds: str) -> Part:
        """One of some tokens."""
        state = State(self._rule)
        state.tokens = frozenset(kinds)
        return state, state.choices.append

    def ref(self, rule: str, precedence: int = 0) -> Part:
        """A call of a rule."""
        state = State(self._rule)
        state.call = rule
        state.precedence = precedence
        return state, state.choices.append

    def seq(self, *parts: Part) -> Part:
        """One part after the other."""
        for (_, then), (following, _) in pairwise(parts):
            then(following)
        return parts[0][0], parts[-1][1]

    def alt(self, decision: str, *parts: Part) -> Part:
        """One of several parts."""
        state = State(self._rule, StateKind.BLOCK_START)
        state.decision = decision
        state.choices = [first for first, _ in parts]

        def then(following: State) -> None:
            for _, link in parts:
                link(following)

        return state, then

    def opt(self, part: Part) -> Part:
        """A part or nothing."""
        state = State(self._rule, StateKind.BLOCK_START)
        state.decision = "optional"
        state.choices = [part[0]]

        def then(following: State) -> None:
            part[1](following)
            state.choices.append(following)

        return state, then

    def star(self, decision: str, part: Part) -> Part:
        """A part any number of times."""
        entry = State(self._rule, StateKind.LOOP_ENTRY)
        back = State(self._rule, StateKind.STAR_LOOP_BACK)
        entry.decision = decision
        entry.choices = [part[0]]
        part[1](back)
        back.choices = [entry]
        return entry, entry.choices.append

    def plus(self, decision: str, part: Part) -> Part:
        """A part at least once."""
        state = State(self._rule, StateKind.BLOCK_START)
        back = State(self._rule, StateKind.PLUS_LOOP_BACK)
        back.decision = decision
        state.choices = [part[0]]
        part[1](back)
        back.choices = [state]
        return state, back.choices.append

    def next_tokens(self, state: State) -> frozenset[str]:
        """The tokens that may come next within the rule, and EPSILON where the rule may end."""
        known = self._next_tokens.get(state)
        if known is None:
            known = self._next_tokens[state] = frozenset(self._look(state, set()))
        return known

    def _look(self, state: State, seen: set[State]) -> set[str]:
        if state in seen:
            return set()
        seen.add(state)
        if state.kind is StateKind.RULE_STOP:
            return {EPSILON}
        if state.tokens is not None:
            return set(state.tokens)
        if state.call is not None:
            # No rule of this grammar may be empty, so what follows the call does not show.
            return self._look(self.start[state.call], seen)
        found: set[str] = set()
        for choice in state.choices:
            found |= self._look(choice, seen)
        return found


def _list_of(g: Grammar, *item: str) -> Part:
    """item (',' item)*, where an item may be several parts: rule names and ':'."""

    def parts() -> list[Part]:
        return [g.token(name) if name == ":" else g.ref(name) for name in item]

    decision = "one-token" if item == ("expr",) else "list"
    return g.seq(*parts(), g.star(decision, g.seq(g.token(","), *parts())))


def _arguments(g: Grammar) -> Part:
    return g.seq(g.token("("), g.opt(g.ref("exprList")), g.token(")"))


def _primary(g: Grammar) -> Part:
    def name() -> list[Part]:
        return [g.opt(g.token(".")), g.token("IDENTIFIER")]

    def literal(opening: str, rule: str, closing: str) -> list[Part]:
        return [g.token(opening), g.opt(g.ref(rule)), g.opt(g.token(",")), g.token(closing)]

    dotted = g.star("one-token", g.seq(g.token("."), g.token("IDENTIFIER")))
    return g.alt(
        "primary",
        g.seq(*name()),
        g.seq(*name(), _arguments(g)),
        g.seq(g.token("("), g.ref("expr"), g.token(")")),
        g.seq(*literal("[", "listInit", "]")),
        g.seq(*literal("{", "mapInitializerList", "}")),
        g.seq(*name(), dotted, *literal("{", "fieldInitializerList", "}")),
        g.ref("literal"),
    )


def _member(g: Grammar) -> Part:
    postfix = g.alt(
        "postfix",
        g.seq(g.token("."), g.opt(g.token("?")), g.ref("escapeIdent")),
        g.seq(g.token("."), g.token("IDENTIFIER"), _arguments(g)),
        g.seq(g.token("["), g.opt(g.token("?")), g.ref("expr"), g.token("]")),
    )
    return g.seq(g.ref("primary"), g.star("member", postfix))


def _unary(g: Grammar) -> Part:
    return g.alt(
        "unary",
        g.ref("member"),
        g.seq(g.plus("one-token", g.token("!")), g.ref("member")),
        g.seq(g.plus("minus", g.token("-")), g.ref("member")),
    )


def _calc(g: Grammar) -> Part:
    multiplied = g.seq(g.token(*MULTIPLICATIONS), g.ref("calc", 3))
    added = g.seq(g.token(*ADDITIONS), g.ref("calc", 2))
    return g.seq(g.ref("unary"), g.star("calc", g.alt("operator", multiplied, added)))


def _relation(g: Grammar) -> Part:
    return g.seq(g.ref("calc"), g.star("relation", g.seq(g.token(*RELATIONS), g.ref("relation", 2))))


def _literal(g: Grammar) -> Part:
    def signed(kind: str) -> Part:
        return g.seq(g.opt(g.token("-")), g.token(kind))

    simple = ("STRING", "BYTES", "true", "false", "null")
    return g.alt(
        "literal",
        signed("NUM_INT"),
        g.token("NUM_UINT"),
        signed("NUM_FLOAT"),
        *(g.token(kind) for kind in simple),
    )


def _ternary(g: Grammar) -> Part:
    branches = g.seq(g.token("?"), g.ref("conditionalOr"), g.token(":"), g.ref("expr"))
    return g.seq(g.ref("conditionalOr"), g.opt(branches))


def _chain(g: Grammar, operand: str, operator: str) -> Part:
    return g.seq(g.ref(operand), g.star("one-token", g.seq(g.token(operator), g.ref(operand))))


@lru_cache(maxsize=1)
def grammar() -> Grammar:
    """The network of the whole grammar, built when the first broken text comes."""
    g = Grammar()
    g.define("start", lambda g: g.seq(g.ref("expr"), g.token(EOF)))
    g.define("expr", _ternary)
    g.define("conditionalOr", lambda g: _chain(g, "conditionalAnd", "||"))
    g.define("conditionalAnd", lambda g: _chain(g, "relation", "&&"))
    g.define("relation", _relation)
    g.define("calc", _calc)
    g.define("unary", _unary)
    g.define("member", _member)
    g.define("primary", _primary)
    g.define("exprList", lambda g: _list_of(g, "expr"))
    g.define("listInit", lambda g: _list_of(g, "optExpr"))
    g.define("fieldInitializerList", lambda g: _list_of(g, "optField", ":", "expr"))
    g.define("optField", lambda g: g.seq(g.opt(g.token("?")), g.ref("escapeIdent")))
    g.define("mapInitializerList", lambda g: _list_of(g, "optExpr", ":", "expr"))
    g.define("escapeIdent", lambda g: g.alt("one-of", g.token("IDENTIFIER"), g.token("ESC_IDENTIFIER")))
    g.define("optExpr", lambda g: g.seq(g.opt(g.token("?")), g.ref("expr")))
    g.define("literal", _literal)
    return g
