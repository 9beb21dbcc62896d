"""From text to syntax tree: a hand-written descent for expressions that are right (grammar: CEL.g4).

It knows the grammar and the limits, but no syntax error texts: whatever it cannot read is `Rejected`, and
`syntax/` then replays ANTLR's recovery to find the very messages cel-go prints.
Semantic parse errors (bad literals, reserved words, macros) are collected as issues.
Next: `macros.py`, `../checker/checker.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kubern.cel.ast import (
    Call,
    FieldEntry,
    Ident,
    ListExpr,
    Literal,
    MapEntry,
    MapExpr,
    Node,
    Select,
    StructExpr,
    balanced,
)
from kubern.cel.errors import Issue
from kubern.cel.parser import lexer
from kubern.cel.parser.lexer import EOF, ESCAPED_IDENT, IDENT, Rejected, tokenize
from kubern.cel.parser.literals import LiteralError, literal_value
from kubern.cel.source import NO_LOCATION, Source

if TYPE_CHECKING:
    from kubern.cel.parser.macros import Macro

MAX_DEPTH = 250
MAX_CODE_POINTS = 100_000
RESERVED = frozenset(
    {
        *("as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in"),
        *("let", "loop", "package", "namespace", "null", "return", "true", "var", "void", "while"),
    }
)
_LITERALS = frozenset({lexer.INT, lexer.UINT, lexer.FLOAT, lexer.STRING, lexer.BYTES, "true", "false", "null"})
_NUMBERS = frozenset({lexer.INT, lexer.FLOAT})
_RELATIONS = {op: f"_{op}_" for op in ("<", "<=", ">=", ">", "==", "!=")} | {"in": "@in"}
_MULTIPLICATIONS = {op: f"_{op}_" for op in "*/%"}
_ADDITIONS = {op: f"_{op}_" for op in "+-"}


class RecursionLimit(Exception):
    """The expression nests more than 250 deep."""


class Parser:
    """One parse. Rule depths are counted as ANTLR's contexts nest, so that the limit strikes alike."""

    def __init__(
        self,
        source: Source,
        macros: Mapping[tuple[str, int, bool], Macro],
        escaped_identifiers: bool = False,
    ) -> None:
        self.source = source
        self.issues: list[Issue] = []
        self._macros = macros
        self._escapes = escaped_identifiers
        tokens = tokenize(source.text)
        self._kinds = tokens.kinds
        self._texts = tokens.texts
        self._offsets = tokens.offsets
        self._at = 0
        self._exprs = 0
        self._relations = 0
        self._calcs = 0
        self._members = 0

    def parse(self) -> Node:
        """The whole text as one expression.

        Raises:
            Rejected: there is a syntax error.
            RecursionLimit: it nests too deep.
        """
        node = self._expr()
        if self._kinds[self._at] is not EOF:
            raise Rejected
        return node

    def report(self, pos: int, message: str) -> Node:
        """Note an issue and give a node to go on with."""
        self.issues.append(Issue(self.source.location(pos), message))
        return Literal(pos, None)

    def _expect(self, kind: str) -> int:
        at = self._at
        if self._kinds[at] != kind:
            raise Rejected
        self._at = at + 1
        return at

    def _expr(self) -> Node:
        self._exprs += 1
        if self._exprs > MAX_DEPTH:
            raise RecursionLimit
        node = self._or()
        if self._kinds[self._at] == "?":
            pos = self._offsets[self._at]
            self._at += 1
            when_true = self._or()
            self._expect(":")
            when_false = self._expr()
            node = Call(pos, "_?_:_", None, [node, when_true, when_false])
        self._exprs -= 1
        return node

    def _or(self) -> Node:
        node = self._and()
        if self._kinds[self._at] != "||":
            return node
        terms, positions = [node], []
        while self._kinds[self._at] == "||":
            positions.append(self._offsets[self._at])
            self._at += 1
            terms.append(self._and())
        return balanced("_||_", terms, positions, 0, len(positions) - 1)

    def _and(self) -> Node:
        node = self._relation()
        if self._kinds[self._at] != "&&":
            return node
        terms, positions = [node], []
        while self._kinds[self._at] == "&&":
            positions.append(self._offsets[self._at])
            self._at += 1
            terms.append(self._relation())
        return balanced("_&&_", terms, positions, 0, len(positions) - 1)

    def _relation(self) -> Node:
        depth = self._relations
        self._enter_relation()
        node = self._calc(0)
        while (function := _RELATIONS.get(self._kinds[self._at])) is not None:
            pos = self._offsets[self._at]
            self._at += 1
            # The left operand moves one context down, the right one is a context of its own.
            self._enter_relation()
            self._enter_relation()
            right = self._calc(0)
            self._relations -= 1
            node = Call(pos, function, None, [node, right])
        self._relations = depth
        return node

    def _enter_relation(self) -> None:
        self._relations += 1
        if self._relations > MAX_DEPTH:
            raise RecursionLimit

    def _calc(self, precedence: int) -> Node:
        depth = self._calcs
        self._enter_calc()
        node = self._unary()
        while True:
            kind = self._kinds[self._at]
            if (function := _MULTIPLICATIONS.get(kind)) is not None:
                level = 3
            elif precedence < 2 and (function := _ADDITIONS.get(kind)) is not None:
                level = 2
            else:
                break
            pos = self._offsets[self._at]
            self._at += 1
            self._enter_calc()
            right = self._unary_operand() if level == 3 else self._calc(level)
            node = Call(pos, function, None, [node, right])
        self._calcs = depth
        return node

    def _unary_operand(self) -> Node:
        self._enter_calc()
        node = self._unary()
        self._calcs -= 1
        return node

    def _enter_calc(self) -> None:
        self._calcs += 1
        if self._calcs > MAX_DEPTH:
            raise RecursionLimit

    def _unary(self) -> Node:
        kind = self._kinds[self._at]
        if kind != "!" and (kind != "-" or self._kinds[self._at + 1] in _NUMBERS):
            return self._member()
        pos = self._offsets[self._at]
        count = 0
        while self._kinds[self._at] == kind:
            count += 1
            self._at += 1
        node = self._member()
        if count % 2 == 0:
            return node
        return Call(pos, f"{kind}_", None, [node])

    def _member(self) -> Node:
        depth = self._members
        self._enter_member()
        node = self._primary()
        while True:
            kind = self._kinds[self._at]
            if kind == ".":
                self._enter_member()
                node = self._selection(node)
            elif kind == "[":
                self._enter_member()
                node = self._index(node)
            else:
                self._members = depth
                return node

    def _enter_member(self) -> None:
        self._members += 1
        if self._members > MAX_DEPTH:
            raise RecursionLimit

    def _selection(self, operand: Node) -> Node:
        dot = self._offsets[self._at]
        self._at += 1
        optional = self._kinds[self._at] == "?"
        if optional:
            self._at += 1
        at = self._at
        if self._kinds[at] == ESCAPED_IDENT and self._kinds[at + 1] == "(" and not optional:
            raise Rejected
        name = self._field_name()
        if optional:
            field = Literal(self._offsets[at], name)
            return Call(dot, "_?._", None, [operand, field])
        if self._kinds[self._at] != "(":
            return Select(dot, operand, name)
        pos = self._offsets[self._at]
        return self._call(pos, name, operand, self._arguments())

    def _field_name(self) -> str:
        """An identifier, or one in backticks where those are allowed."""
        at = self._at
        if self._kinds[at] != ESCAPED_IDENT:
            return self._texts[self._expect(IDENT)]
        self._at = at + 1
        if not self._escapes:
            self.report(self._offsets[at], "unsupported syntax: '`'")
        return self._texts[at][1:-1]

    def _index(self, operand: Node) -> Node:
        pos = self._offsets[self._at]
        self._at += 1
        function = "_[_]"
        if self._kinds[self._at] == "?":
            self._at += 1
            function = "_[?_]"
        index = self._expr()
        self._expect("]")
        return Call(pos, function, None, [operand, index])

    def _primary(self) -> Node:
        at = self._at
        kind = self._kinds[at]
        if kind in (IDENT, "."):
            return self._name()
        if kind in _LITERALS or kind == "-":
            return self._literal()
        self._at = at + 1
        if kind == "(":
            node = self._expr()
            self._expect(")")
            return node
        if kind == "[":
            return self._list(self._offsets[at])
        if kind == "{":
            return self._map(self._offsets[at])
        raise Rejected

    def _literal(self) -> Node:
        at = self._at
        pos = self._offsets[at]
        negative = self._kinds[at] == "-"
        if negative:
            at += 1
            if self._kinds[at] not in _NUMBERS:
                raise Rejected
        self._at = at + 1
        try:
            return Literal(pos, literal_value(self._kinds[at], self._texts[at], negative))
        except LiteralError as error:
            return self.report(pos, str(error))

    def _name(self) -> Node:
        leading = self._kinds[self._at] == "."
        start = self._offsets[self._at]
        if leading:
            self._at += 1
        at = self._expect(IDENT)
        if self._is_message(self._at):
            return self._message(at, leading)
        name = self._texts[at]
        if name in RESERVED:
            if self._kinds[self._at] == "(":
                reported = len(self.issues)
                self._arguments()
                del self.issues[reported:]
            return self.report(start, f"reserved identifier: {name}")
        full = f".{name}" if leading else name
        if self._kinds[self._at] != "(":
            return Ident(self._offsets[at], full)
        pos = self._offsets[self._at]
        return self._call(pos, full, None, self._arguments())

    def _is_message(self, at: int) -> bool:
        """Whether only a dotted name stands before an opening brace."""
        kinds = self._kinds
        while kinds[at] == "." and kinds[at + 1] == IDENT:
            at += 2
        return kinds[at] == "{"

    def _message(self, at: int, leading: bool) -> Node:
        names = [self._texts[at]]
        while self._kinds[self._at] == ".":
            names.append(self._texts[self._at + 1])
            self._at += 2
        pos = self._offsets[self._expect("{")]
        fields: list[FieldEntry] = []
        if not self._accept(","):
            while self._kinds[self._at] != "}":
                optional = self._accept("?")
                name = self._field_name()
                colon = self._offsets[self._expect(":")]
                fields.append(FieldEntry(colon, name, self._expr(), optional))
                if not self._accept(","):
                    break
        self._expect("}")
        return StructExpr(pos, ("." if leading else "") + ".".join(names), fields)

    def _accept(self, kind: str) -> bool:
        if self._kinds[self._at] != kind:
            return False
        self._at += 1
        return True

    def _arguments(self) -> list[Node]:
        self._at += 1
        args: list[Node] = []
        if self._accept(")"):
            return args
        args.append(self._expr())
        while self._accept(","):
            args.append(self._expr())
        self._expect(")")
        return args

    def _list(self, pos: int) -> Node:
        elements: list[Node] = []
        optionals: set[int] = set()
        # [,] is an empty list.
        if not self._accept(","):
            while self._kinds[self._at] != "]":
                if self._accept("?"):
                    optionals.add(len(elements))
                elements.append(self._expr())
                if not self._accept(","):
                    break
        self._expect("]")
        return ListExpr(pos, elements, frozenset(optionals))

    def _map(self, pos: int) -> Node:
        entries: list[MapEntry] = []
        if not self._accept(","):
            while self._kinds[self._at] != "}":
                optional = self._accept("?")
                key = self._expr()
                colon = self._offsets[self._expect(":")]
                entries.append(MapEntry(colon, key, self._expr(), optional))
                if not self._accept(","):
                    break
        self._expect("}")
        return MapExpr(pos, entries)

    def _call(self, pos: int, name: str, target: Node | None, args: list[Node]) -> Node:
        macro = self._macros.get((name, len(args), target is not None))
        if macro is not None:
            expanded = macro(self, pos, target, args)
            if expanded is not None:
                return expanded
        return Call(pos, name, target, args)


def depth_issue() -> Issue:
    """The issue of an expression that nests too deep."""
    return Issue(NO_LOCATION, f"expression recursion limit exceeded: {MAX_DEPTH}")
