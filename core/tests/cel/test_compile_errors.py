"""Compile errors: the texts, places and carets that cel-go prints."""

from __future__ import annotations

import pytest

from kubern.cel import types
from kubern.cel.env import Env
from kubern.cel.errors import CompileErrors
from kubern.cel.kubernetes import base_env
from kubern.cel.openapi import decl_type

OPERANDS = (
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
)


@pytest.fixture(scope="module")
def env() -> Env:
    """self with some declared fields, and object of any type."""
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "integer"},
            "s": {"type": "string"},
            "l": {"type": "array", "items": {"type": "string"}},
        },
    }
    decl = decl_type(schema, "selfType")
    assert decl is not None
    return base_env().extend(variables={"self": decl, "object": types.DYN})


def problem(env: Env, text: str) -> str:
    with pytest.raises(CompileErrors) as caught:
        env.compile(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("self.b > 1", "undefined field 'b'", 5),
        ("self.a == self.s", "found no matching overload for '_==_' applied to '(int, string)'", 8),
        ("thing.a > 1", "undeclared reference to 'thing' (in container '')", 1),
        ("self.s.shout() == 'X'", "undeclared reference to 'shout' (in container '')", 13),
        ("self.s.startsWith(1)", "found no matching overload for 'startsWith' applied to 'string.(int)'", 18),
        ("self.a.b", "type 'int' does not support field selection", 7),
        ("[1, 'a']", "expected type 'int' but found 'string'", 5),
        ("[object.x, 1]", "expected type 'dyn' but found 'int'", 12),
        ("{'a': 1, 'b': ''}", "expected type 'int' but found 'string'", 15),
        (
            "self.a.all(x, true)",
            "expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
            5,
        ),
        ("self.l.all(x, x)", "found no matching overload for '_&&_' applied to '(bool, string)'", 11),
        ("self.l.all(1, true)", "argument must be a simple name", 12),
        ("has(self)", "invalid argument to has() macro", 5),
        ("self.l.transformList(i, i, true)", "duplicate variable name: i", 25),
        ("optional.of(1).optMap(1, 2)", "optMap() variable name must be a simple identifier", 23),
        ("for + 1", "reserved identifier: for", 1),
        ("9223372036854775808", "invalid int literal", 1),
        ("18446744073709551616u", "invalid uint literal", 1),
        ("object.`a-b`", "unsupported syntax: '`'", 8),
        ("duration('1x')", "invalid duration argument", 10),
        ("timestamp('now')", "invalid timestamp argument", 11),
        ("self.s.matches('(')", "invalid matches argument", 16),
        (
            "'%d'.format(['a'])",
            "error during formatting: decimal clause can only be used on integers, was given string",
            14,
        ),
        ("'%s'.format([])", "index 0 out of range", 12),
        (
            "'%s'.format([1, 2])",
            "too many arguments supplied to string.format (expected 1, got 2)",
            12,
        ),
        ("int{a: 1}", "'int' is not a message type", 4),
        ("self.a >", f"Syntax error: mismatched input '<EOF>' expecting {OPERANDS}", 9),
        ("object.spec.true == 1", "Syntax error: mismatched input 'true' expecting IDENTIFIER", 13),
        ("a b", "Syntax error: extraneous input 'b' expecting <EOF>", 3),
        ("(1", "Syntax error: missing ')' at '<EOF>'", 3),
    ],
)
def test_one_problem(env: Env, text: str, message: str, column: int) -> None:
    """The message stands at its column, above the source line and a caret."""
    dots = "." * (column - 1)
    assert problem(env, text) == f"ERROR: <input>:1:{column}: {message}\n | {text}\n | {dots}^"


def test_several_problems_in_source_order(env: Env) -> None:
    """All issues are printed, those further left first."""
    assert problem(env, "self.x + self.y") == (
        "ERROR: <input>:1:5: undefined field 'x'\n | self.x + self.y\n | ....^\n"
        "ERROR: <input>:1:14: undefined field 'y'\n | self.x + self.y\n | .............^"
    )


def test_recovery_after_a_dead_end(env: Env) -> None:
    """After the first syntax error the parser goes on where ANTLR does."""
    text = "object.spec. <"
    assert problem(env, text) == (
        f"ERROR: <input>:1:14: Syntax error: no viable alternative at input '. <'\n | {text}\n | .............^\n"
        f"ERROR: <input>:1:15: Syntax error: mismatched input '<EOF>' expecting {OPERANDS}\n"
        f" | {text}\n | ..............^"
    )


def test_lexer_and_parser_complain_together(env: Env) -> None:
    """Text that is no token is named, then what its absence breaks."""
    assert problem(env, "1 = 2").splitlines()[::3] == [
        "ERROR: <input>:1:3: Syntax error: token recognition error at: '= '",
        "ERROR: <input>:1:5: Syntax error: extraneous input '2' expecting <EOF>",
    ]


def test_reserved_words_in_broken_text(env: Env) -> None:
    """A reserved word is named beside the syntax error."""
    assert problem(env, "if self.a then 1").splitlines()[::3] == [
        "ERROR: <input>:1:1: reserved identifier: if",
        "ERROR: <input>:1:4: Syntax error: mismatched input 'self' expecting <EOF>",
    ]


def test_second_line_and_wide_characters(env: Env) -> None:
    """Lines count from one, and characters of several bytes get wide dots."""
    assert problem(env, "true ==\n('ä' == x)") == (
        "ERROR: <input>:2:9: undeclared reference to 'x' (in container '')\n | ('ä' == x)\n | ..．.....^"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(" * 251 + "1" + ")" * 251, "expression recursion limit exceeded: 250"),
        ("1" + "+1" * 250, "expression recursion limit exceeded: 250"),
        ("self" + ".a" * 200 + "+1" * 100, "max recursion depth exceeded"),
        ("1" * 100_001, "expression code point size exceeds limit: size: 100001, limit 100000"),
        ("1 " * 300, "error recovery token lookahead limit exceeded: 256"),
    ],
)
def test_limits_have_no_place(env: Env, text: str, message: str) -> None:
    """Limits are reported at no location."""
    assert problem(env, text).startswith(f"ERROR: <input>:-1:0: {message}")


def test_no_more_than_a_hundred_issues(env: Env) -> None:
    """The hundredth issue is the last one shown."""
    shown = problem(env, "$" * 500)
    assert shown.count("ERROR: ") == 100
    assert shown.endswith("1 more errors were truncated")


def test_deep_nesting_within_the_limit_works(env: Env) -> None:
    """249 parentheses compile and evaluate, whatever Python's own recursion limit."""
    assert env.compile("(" * 249 + "1" + ")" * 249).evaluate({}).value == 1
    assert env.compile("!(" * 248 + "true" + ")" * 248).evaluate({}).value is True
