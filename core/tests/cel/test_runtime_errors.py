"""Errors of evaluations: cel-go's texts, and what the operators make of them."""

from __future__ import annotations

from typing import Any

import pytest

from kubern.cel import types
from kubern.cel.env import Env
from kubern.cel.errors import CelError
from kubern.cel.kubernetes import base_env

OBJECT: dict[str, Any] = {"data": {"a": "1"}, "list": [1, 2], "n": 5, "nothing": None}


@pytest.fixture(scope="module")
def env() -> Env:
    return base_env().extend(variables={"object": types.DYN})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("object.missing", "no such key: missing"),
        ("object.data['b'] == '1'", "no such key: b"),
        ("object.missing.data", "no such key: missing"),
        ("object.n.x", "no such key: x"),
        ("object.nothing.x", "no such key: x"),
        ("object.list[5]", "index out of bounds: 5"),
        ("object.list[-1]", "index out of bounds: -1"),
        ("object.list['a']", "unsupported index type 'string' in list"),
        ("1 / (object.n - 5)", "division by zero"),
        ("1 % (object.n - 5)", "modulus by zero"),
        ("9223372036854775807 + object.n", "integer overflow"),
        ("0u - uint(object.n)", "unsigned integer overflow"),
        ("int('x' + object.data.a)", "type conversion error from 'string' to 'int'"),
        ("timestamp(object.data.a)", "type conversion error from 'string' to 'google.protobuf.Timestamp'"),
        ("object.n + 'a'", "no such overload"),
        ("object.data + 1", "no such overload: _+_"),
        ("object.n < 'a'", "no such overload"),
        ("object.n.startsWith('a')", "no such overload: startsWith(int, string)"),
        ("object.n && true", "no such overload"),
        ("object.n ? 1 : 2", "no such overload"),
        ("object.n.all(x, true)", "got 'types.Int', expected iterable type"),
        ("object.data.a.matches('(' + object.data.a)", "error parsing regexp: missing closing ): `(1`"),
        ("object.data.a.find('(' + object.data.a)", "Illegal regex: error parsing regexp: missing closing ): `(1`"),
        (
            "quantity(object.data.a + 'x')",
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        (
            "ip(object.data.a)",
            'IP Address "1" parse error during conversion from string: ParseAddr("1"): unable to parse IP',
        ),
        (
            "url(object.data.a)",
            'URL parse error during conversion from string: parse "1": invalid URI for request',
        ),
        ("semver(object.data.a)", "No Major.Minor.Patch elements found"),
        ("optional.none().value()", "optional.none() dereference"),
        ("object.list.filter(x, x > 5).max()", "max called on empty list"),
        ("object.data.a.substring(3)", "index out of range: 3"),
    ],
)
def test_text_of_an_error(env: Env, text: str, message: str) -> None:
    """The error has cel-go's text."""
    with pytest.raises(CelError) as caught:
        env.compile(text).evaluate({"object": OBJECT})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("object.x == 1 || true", True),
        ("object.x == 1 && false", False),
        ("object.list.exists(x, x / (x - 1) == 2)", True),
        ("object.list.all(x, x / (x - 1) == 0)", False),
        ("has(object.x) && object.x > 1", False),
        ("object.n > 1 || object.x == 1", True),
    ],
)
def test_errors_are_absorbed(env: Env, text: str, value: bool) -> None:
    """An operand that decides the result hides the error of another."""
    assert env.compile(text).evaluate({"object": OBJECT}).value is value


def test_a_variable_without_value(env: Env) -> None:
    """It fails only where it is read."""
    program = env.compile("1 == 1 || object.x")
    assert program.evaluate({}).value is True
    with pytest.raises(CelError, match="no such attribute"):
        env.compile("object.x").evaluate({})
