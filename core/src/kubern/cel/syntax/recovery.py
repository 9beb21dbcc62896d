"""ANTLR's parser with its default error strategy, walking the network of states over a broken text.

It builds no tree; only the messages matter. The limits are cel-go's: 250 levels of a rule, 30 recoveries, 256
tokens skipped by one of them, 100 messages.
Next: `diagnosis.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from kubern.cel.parser.lexer import EOF, IDENT
from kubern.cel.parser.parser import MAX_DEPTH, RESERVED
from kubern.cel.syntax.decisions import DECISIONS, NoWay
from kubern.cel.syntax.grammar import EPSILON, TOKENS, Grammar, State, StateKind
from kubern.cel.syntax.tokens import Token, display, tokenize

MAX_RECOVERIES = 30
MAX_SKIPPED = 256
MAX_MESSAGES = 100
_ORDER = {kind: index for index, kind in enumerate(TOKENS)}
_LEFT_RECURSIVE = {"relation", "calc", "member"}


class Stopped(Exception):
    """The parse ends here; the message is for no place in particular, or empty."""


class _SyntaxError(Exception):
    """The current rule cannot go on."""

    def __init__(self, message: str, token: Token) -> None:
        self.message = message
        self.token = token
        super().__init__(message)


@dataclass(slots=True)
class _Call:
    """A rule being parsed: where it goes on afterwards, and how often it recursed to its left."""

    rule: str
    precedence: int
    following: State | None
    start: int = 0
    choice: int = 0
    recursions: int = 0


class Recovery:
    """One parse of one text; `messages` are offsets and texts."""

    def __init__(self, grammar: Grammar, text: str) -> None:
        self.grammar = grammar
        self.messages: list[tuple[int, str]] = []
        # Where words stand that are reserved, among those parsed as identifiers.
        self.reserved: list[tuple[int, str]] = []
        self._text = text
        self._source = tokenize(text, self._skip)
        # Where the lexer skipped text, from and to.
        self._skipped: list[tuple[int, int]] = []
        self._tokens: list[Token] = []
        self._at = 0
        self._calls = [_Call("start", 0, None)]
        self._depths: dict[str, int] = {"start": 1}
        self._state = grammar.start["start"]
        self._recovering = False
        self._recoveries = 0
        self._error_at = -1
        self._error_states: set[State] = set()
        self._synced = False

    def run(self) -> None:
        """Parse to the end.

        Raises:
            Stopped: one of the limits was reached.
        """
        while True:
            if self._state.kind is StateKind.RULE_STOP:
                if not self._leave():
                    return
                continue
            try:
                self._step()
            except _SyntaxError as error:
                self._report(error.message, error.token)
                self._recover()
                self._state = self.grammar.stop[self._calls[-1].rule]

    def kind(self, ahead: int) -> str:
        """The kind of the token so far ahead, 1 for the next one."""
        return self._token(ahead).kind

    @property
    def precedence(self) -> int:
        """The precedence with which the current rule was called."""
        return self._calls[-1].precedence

    def _token(self, ahead: int) -> Token:
        index = self._at + ahead - 1
        tokens = self._tokens
        while index >= len(tokens):
            token = next(self._source, None)
            if token is None:
                return tokens[-1]
            tokens.append(token)
        return tokens[index]

    def _step(self) -> None:
        state = self._state
        if state.tokens is not None:
            self._match(state)
            self._state = state.choices[0]
        elif state.call is not None:
            self._enter(state.call, state.precedence, state.choices[0])
        else:
            self._choose(state)

    def _enter(self, rule: str, precedence: int, following: State) -> None:
        self._calls.append(_Call(rule, precedence, following, self._token(1).start))
        self._deepen(rule)
        self._state = self.grammar.start[rule]

    def _deepen(self, rule: str) -> None:
        depth = self._depths[rule] = self._depths.get(rule, 0) + 1
        if depth > MAX_DEPTH:
            raise Stopped(f"expression recursion limit exceeded: {MAX_DEPTH}")

    def _leave(self) -> bool:
        call = self._calls.pop()
        self._depths[call.rule] -= 1 + call.recursions
        if call.following is None:
            return False
        self._state = call.following
        return True

    def _choose(self, state: State) -> None:
        if state.kind is StateKind.STAR_LOOP_BACK:
            self._sync(state)
            self._state = state.choices[0]
            self._synced = True
            return
        if not self._synced:
            self._sync(state)
        self._synced = False
        choice = 0
        if state.decision:
            try:
                choice = DECISIONS[state.decision](self, state)
            except NoWay as dead_end:
                raise self._no_alternative(dead_end.ahead) from None
        if state.decision == "primary":
            self._calls[-1].choice = choice
        if state.kind is StateKind.LOOP_ENTRY and choice == 0 and state.rule in _LEFT_RECURSIVE:
            self._calls[-1].recursions += 1
            self._deepen(state.rule)
        self._state = state.choices[choice]

    def _match(self, state: State) -> None:
        token = self._token(1)
        wanted = state.tokens or frozenset()
        if token.kind not in wanted:
            self._count_recovery()
            self._recover_inline(state)
            return
        self._recovered()
        self._at += 0 if token.kind == EOF else 1
        call = self._calls[-1]
        if token.kind == IDENT and call.rule == "primary" and call.choice < 2:
            word = self._text[token.start : token.end]
            if word in RESERVED:
                self.reserved.append((call.start, word))

    def _recovered(self) -> None:
        self._recovering = False
        self._error_at = -1
        self._error_states = set()

    def _recover_inline(self, state: State) -> None:
        """Skip one token, or make one up; else the rule fails."""
        if self._delete_token(state):
            self._at += 0 if self.kind(1) == EOF else 1
            return
        if self.kind(1) in self._expected(state.choices[0]):
            if not self._recovering:
                self._recovering = True
                wanted = _listed(self._expected(state))
                self._say(f"missing {wanted} at {self._quoted(self._token(1))}", self._token(1))
            return
        raise self._mismatch(state)

    def _delete_token(self, state: State) -> bool:
        """Skip the next token if the one after it fits."""
        if self.kind(2) not in self._expected(state):
            return False
        self._unwanted(state)
        self._at += 0 if self.kind(1) == EOF else 1
        self._recovered()
        return True

    def _unwanted(self, state: State) -> None:
        if self._recovering:
            return
        self._recovering = True
        token = self._token(1)
        wanted = _listed(self._expected(state))
        self._say(f"extraneous input {self._quoted(token)} expecting {wanted}", token)

    def _mismatch(self, state: State) -> _SyntaxError:
        token = self._token(1)
        wanted = _listed(self._expected(state))
        return _SyntaxError(f"mismatched input {self._quoted(token)} expecting {wanted}", token)

    def _no_alternative(self, ahead: int) -> _SyntaxError:
        last = self._token(ahead)
        found = display(self._text_between(self._token(1).start, last.end))
        if self._token(1).kind == EOF:
            found = EOF
        if found[1:] in ("true", "false", "null"):
            return _SyntaxError(f"mismatched input '{found[1:]}' expecting IDENTIFIER", last)
        return _SyntaxError(f"no viable alternative at input '{found}'", last)

    def _text_between(self, start: int, end: int) -> str:
        """The text of tokens, spaces and comments, without what the lexer skipped."""
        parts: list[str] = []
        for skipped, until in self._skipped:
            if start <= skipped < end:
                parts.append(self._text[start:skipped])
                start = until
        parts.append(self._text[start:end])
        return "".join(parts)

    def _sync(self, state: State) -> None:
        """Before a branch: see that the next token can come here at all."""
        if self._recovering:
            return
        possible = self.grammar.next_tokens(state)
        if EPSILON in possible or self.kind(1) in possible:
            return
        if state.kind in (StateKind.BLOCK_START, StateKind.LOOP_ENTRY):
            if not self._delete_token(state):
                raise self._mismatch(state)
        elif state.kind in (StateKind.PLUS_LOOP_BACK, StateKind.STAR_LOOP_BACK):
            self._unwanted(state)
            self._skip_until(self._expected(state) | self._recovery_set(), MAX_SKIPPED * 1000)

    def _expected(self, state: State) -> frozenset[str]:
        """The tokens that may come at a state, beyond the end of the rule if it may end here."""
        following = self.grammar.next_tokens(state)
        found = set(following)
        for call in reversed(self._calls):
            if EPSILON not in following or call.following is None:
                break
            following = self.grammar.next_tokens(call.following)
            found |= following
        found.discard(EPSILON)
        if EPSILON in following:
            found.add(EOF)
        return frozenset(found)

    def _recovery_set(self) -> frozenset[str]:
        """All tokens with which some enclosing rule could go on."""
        found: set[str] = set()
        for call in self._calls:
            if call.following is not None:
                found |= self.grammar.next_tokens(call.following)
        found.discard(EPSILON)
        return frozenset(found)

    def _count_recovery(self) -> None:
        if self._recoveries == MAX_RECOVERIES:
            self._say(f"error recovery attempt limit exceeded: {MAX_RECOVERIES}", self._token(1))
            raise Stopped("")
        self._recoveries += 1

    def _recover(self) -> None:
        """Skip tokens until one that an enclosing rule may go on with."""
        self._count_recovery()
        skipped = 0
        if self._error_at == self._at and self._state in self._error_states:
            self._at += 0 if self.kind(1) == EOF else 1
            skipped = 1
        self._error_at = self._at
        self._error_states.add(self._state)
        self._skip_until(self._recovery_set(), MAX_SKIPPED - skipped)

    def _skip_until(self, wanted: frozenset[str], limit: int) -> None:
        while (kind := self.kind(1)) != EOF and kind not in wanted:
            if limit <= 0:
                raise Stopped(f"error recovery token lookahead limit exceeded: {MAX_SKIPPED}")
            limit -= 1
            self._at += 1

    def _report(self, message: str, token: Token) -> None:
        if not self._recovering:
            self._recovering = True
            self._say(message, token)

    def _skip(self, offset: int, text: str) -> None:
        """The lexer found text that is no token."""
        self._skipped.append((offset, offset + len(text)))
        self._say(f"token recognition error at: '{display(text)}'", Token(EOF, offset, offset))

    def _say(self, message: str, token: Token) -> None:
        if len(self.messages) >= MAX_MESSAGES:
            self.messages.append((token.start, f"Syntax error: More than {MAX_MESSAGES} syntax errors"))
            raise Stopped("")
        self.messages.append((token.start, f"Syntax error: {message}"))

    def _quoted(self, token: Token) -> str:
        text = EOF if token.kind == EOF else display(self._text[token.start : token.end])
        return f"'{text}'"


def _listed(kinds: frozenset[str]) -> str:
    """Tokens as messages list them."""
    names = [_name(kind) for kind in sorted(kinds, key=_ORDER.__getitem__)]
    return names[0] if len(names) == 1 else f"{{{', '.join(names)}}}"


def _name(kind: str) -> str:
    if kind == EOF:
        return EOF
    return kind if kind[0].isupper() else f"'{kind}'"
