"""Values printed as Go's fmt prints them."""

from __future__ import annotations

from typing import Any

import pytest

from kubern.util.goprint import print_float, print_syntax, print_value, type_of


@pytest.mark.parametrize(
    ("value", "plain", "syntax", "go_type"),
    [
        (None, "<nil>", "<nil>", "<nil>"),
        (True, "true", "true", "bool"),
        (5, "5", "5", "int64"),
        (1.5, "1.5", "1.5", "float64"),
        ("a\nb", "a\nb", '"a\\nb"', "string"),
        ({"b": [1, "x"], "a": None}, "map[a:<nil> b:[1 x]]",
         'map[string]interface {}{"a":interface {}(nil), "b":[]interface {}{1, "x"}}', "map[string]interface {}"),
        ([], "[]", "[]interface {}{}", "[]interface {}"),
    ],
)  # fmt: skip
def test_printing(value: Any, plain: str, syntax: str, go_type: str) -> None:
    """%v, %#v and %T of a decoded JSON value."""
    assert (print_value(value), print_syntax(value), type_of(value)) == (plain, syntax, go_type)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (3.0, "3"), (2.5, "2.5"), (100000.0, "100000"), (123456.5, "123456.5"), (1e6, "1e+06"),
        (1.25e7, "1.25e+07"), (0.0001, "0.0001"), (0.00001, "1e-05"), (-0.25, "-0.25"), (1e100, "1e+100"),
    ],
)  # fmt: skip
def test_floats(value: float, text: str) -> None:
    """The shortest digits, with an exponent as %v chooses it."""
    assert print_float(value) == text
