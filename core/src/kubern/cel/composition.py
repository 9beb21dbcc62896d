"""Named expressions that others may use, as `variables.name` of admission policies
(apiserver's admission/plugin/cel composition).

    composition = Composition(base_env().extend(variables={"object": types.DYN}))
    composition.add("n", "object.list.size()")
    program = composition.env.compile("variables.n > 3")
    variables = composition.variables({"object": obj})
    program.evaluate({"object": obj, "variables": variables})

Next: `env.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kubern.cel import types
from kubern.cel.env import Env
from kubern.cel.errors import CelError, CompileErrors
from kubern.cel.program import DEFAULT_LIMIT, Program
from kubern.cel.runtime.access import MISSING, Lookup
from kubern.cel.types import Kind, StructType, Type

NAME = "variables"
_TYPE_NAME = "kubernetes.variables"
# What a variable's type is kept as; all others become dyn.
_KEPT = frozenset(
    {
        Kind.BOOL,
        Kind.BYTES,
        Kind.DOUBLE,
        Kind.DURATION,
        Kind.INT,
        Kind.NULL,
        Kind.STRING,
        Kind.TIMESTAMP,
        Kind.UINT,
    }
)


class Composition:
    """Expressions in order, each of which may use those before it.

    `env` has the variables added so far, under the name `variables`.
    """

    def __init__(self, env: Env) -> None:
        self._base = env
        self._programs: dict[str, Program | CompileErrors] = {}
        self._fields: dict[str, Type] = {}
        self.env = self._extended()

    def add(self, name: str, text: str) -> Program:
        """Compile an expression and make it known by its name.

        Raises:
            CompileErrors: it does not compile; it is known nevertheless, and fails when used.
        """
        try:
            program = self.env.compile(text)
        except CompileErrors as errors:
            self._programs[name] = errors
            self._fields[name] = types.DYN
            self.env = self._extended()
            raise
        self._programs[name] = program
        self._fields[name] = _kept(program.output_type)
        self.env = self._extended()
        return program

    def variables(self, bindings: Mapping[str, Any], limit: int = DEFAULT_LIMIT) -> Variables:
        """The value of `variables` for one evaluation; expressions run when they are first used."""
        return Variables(self._programs, dict(bindings), limit)

    def _extended(self) -> Env:
        return self._base.extend(variables={NAME: StructType(_TYPE_NAME, dict(self._fields))})


class Variables(Lookup):
    """Lazily evaluated fields. `cost` is what the ones used so far have cost."""

    __slots__ = ("_bindings", "_limit", "_programs", "_values", "cost")
    cel_type = StructType(_TYPE_NAME)

    def __init__(self, programs: Mapping[str, Program | CompileErrors], bindings: dict[str, Any], limit: int) -> None:
        self.cost = 0
        self._programs = programs
        self._bindings = bindings
        self._bindings[NAME] = self
        self._limit = limit
        self._values: dict[str, Any] = {}

    def find(self, key: Any) -> Any:
        known = self._values.get(key, MISSING)
        if known is not MISSING:
            if isinstance(known, CelError):
                raise known
            return known
        program = self._programs.get(key)
        if program is None:
            return MISSING
        try:
            value = self._values[key] = self._evaluate(key, program)
        except CelError as error:
            self._values[key] = error
            raise
        return value

    def iterate(self) -> Iterator[str]:
        """The names."""
        return iter(self._programs)

    def _evaluate(self, name: str, program: Program | CompileErrors) -> Any:
        if isinstance(program, CompileErrors):
            raise CelError(f'composited variable "{name}" fails to compile: {program}')
        try:
            result = program.evaluate(self._bindings, self._limit)
        except CelError as error:
            self.cost += error.cost
            raise CelError(f'composited variable "{name}" fails to evaluate: {error}') from None
        self.cost += result.cost
        return result.value


def _kept(of: Type) -> Type:
    """The type under which a variable is declared."""
    if of.kind is Kind.LIST and of.params:
        return types.list_of(_kept(of.params[0]))
    if of.kind is Kind.MAP and of.params:
        return types.map_of(_kept(of.params[0]), _kept(of.params[1]))
    return of if of.kind in _KEPT else types.DYN
