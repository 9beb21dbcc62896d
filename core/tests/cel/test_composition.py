"""Variables of admission policies: named expressions used by others."""

from __future__ import annotations

import pytest

from kubern.cel import types
from kubern.cel.composition import Composition
from kubern.cel.errors import CelError, CompileErrors
from kubern.cel.kubernetes import base_env


@pytest.fixture
def composition() -> Composition:
    return Composition(base_env().extend(variables={"object": types.DYN}))


def test_variables_build_on_each_other(composition: Composition) -> None:
    """Each is evaluated once, when it is first used, and keeps its type."""
    composition.add("list", "object.numbers.split(',')")
    composition.add("n", "variables.list.map(x, int(x)).sum()")
    composition.add("unused", "object.missing")
    program = composition.env.compile("variables.n + variables.n <= 20 && variables.list.join('+') == '1,2'")
    bindings = {"object": {"numbers": "1,2"}}
    variables = composition.variables(bindings)
    assert program.evaluate({**bindings, "variables": variables}).value is False
    assert variables.cost > 0
    assert program.references == {"variables"}
    with pytest.raises(CompileErrors, match="no matching overload for '_\\+_' applied to '\\(int, string\\)'"):
        composition.env.compile("variables.n + 'a'")


def test_errors_name_the_variable(composition: Composition) -> None:
    """An error inside a variable says which one it was."""
    composition.add("n", "int(object.x)")
    bindings = {"object": {"x": "a"}}
    program = composition.env.compile("variables.n <= 10")
    with pytest.raises(CelError) as caught:
        program.evaluate({**bindings, "variables": composition.variables(bindings)})
    assert str(caught.value) == (
        "composited variable \"n\" fails to evaluate: type conversion error from 'string' to 'int'"
    )


def test_later_variables_are_unknown(composition: Composition) -> None:
    """A variable may only use those before it."""
    with pytest.raises(CompileErrors) as caught:
        composition.add("ok", "variables.later")
    assert str(caught.value) == ("ERROR: <input>:1:10: undefined field 'later'\n | variables.later\n | .........^")
