"""Environments: variables, functions, types and macros an expression may use; the door to the compiler.

    env = base_env().extend(variables={"self": decl})
    program = env.compile("self.replicas <= 5")     # or raises CompileErrors
    program.output_type is types.BOOL
    program.evaluate({"self": {"replicas": 3}}).value

Next: `parser/parser.py`, `checker/checker.py`, `program.py`; `kubernetes.py` for the base environment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from kubern.cel.checker.checker import Checker
from kubern.cel.declarations import CallCost, Function, Library, Variable
from kubern.cel.errors import CompileErrors, Issue
from kubern.cel.parser import parser as parsing
from kubern.cel.parser.depth import visitor_depth
from kubern.cel.parser.lexer import Rejected
from kubern.cel.program import Program
from kubern.cel.recursion import with_room
from kubern.cel.source import NO_LOCATION, Source
from kubern.cel.types import Type, TypeTooLarge

if TYPE_CHECKING:
    from kubern.cel.ast import Node
    from kubern.cel.checker.validators import Validator
    from kubern.cel.parser.macros import Macro
    from kubern.cel.schema import DeclType

TypeResolver = Callable[[str], "Type | None"]


class Env:
    """An immutable environment; `extend` makes richer ones that share everything.

    Args:
        libraries: functions, macros and type names.
        homogeneous: whether the items of a list literal (and keys and values of a map) must have one type.
        escaped_identifiers: whether a.`b-c` selects a field by a name in backticks.
        validators: checks of a typed tree that find literals which can never work.
    """

    def __init__(
        self,
        libraries: Iterable[Library] = (),
        *,
        homogeneous: bool = True,
        escaped_identifiers: bool = False,
        validators: Iterable[Validator] = (),
    ) -> None:
        self.homogeneous = homogeneous
        self.escaped_identifiers = escaped_identifiers
        self.validators = tuple(validators)
        self.functions: dict[str, Function] = {}
        self.macros: dict[tuple[str, int, bool], Macro] = {}
        self.call_costs: dict[str, CallCost] = {}
        self.result_costs: dict[str, CallCost] = {}
        self.slow: frozenset[str] = frozenset()
        self.variables: dict[str, Variable] = {}
        self._types: dict[str, Type] = {}
        self._resolvers: tuple[TypeResolver, ...] = ()
        # Whether some name has dots in it, so that a.b may be one name.
        self.may_qualify = False
        for library in libraries:
            self._add(library)

    def _add(self, library: Library) -> None:
        for function in library.functions:
            known = self.functions.get(function.name)
            self.functions[function.name] = function if known is None else known.merged(function)
        self.macros.update(library.macros)
        self.call_costs.update(library.costs)
        self.result_costs.update(library.result_costs)
        self.slow |= library.slow
        for named in library.types:
            self._types[named.name] = named
            self.may_qualify = self.may_qualify or "." in named.name

    def extend(
        self,
        variables: Mapping[str, Type | DeclType] | None = None,
        libraries: Iterable[Library] = (),
        types: Iterable[Type] = (),
        type_resolver: TypeResolver | None = None,
    ) -> Env:
        """An environment with more variables, libraries and named types.

        A type resolver finds struct types by name when they are first used, such as `Object.spec`.
        """
        env = Env.__new__(Env)
        env.__dict__.update(self.__dict__)
        env.variables = dict(self.variables)
        for name, declared in (variables or {}).items():
            env.variables[name] = Variable(name, declared)
            env.may_qualify = env.may_qualify or "." in name
        libraries, types = tuple(libraries), tuple(types)
        if libraries or types:
            env.functions, env.macros = dict(self.functions), dict(self.macros)
            env.call_costs, env.result_costs = dict(self.call_costs), dict(self.result_costs)
            env._types = dict(self._types)
            for library in libraries:
                env._add(library)
            env._add(Library("", types=types))
        if type_resolver is not None:
            env._resolvers = (*self._resolvers, type_resolver)
            env.may_qualify = True
        return env

    def named_type(self, name: str) -> Type | None:
        """The type that a name stands for."""
        found = self._types.get(name)
        if found is not None:
            return found
        for resolve in self._resolvers:
            found = resolve(name)
            if found is not None:
                return found
        return None

    def parse(self, text: str) -> Node:
        """The syntax tree, macros expanded, types unchecked.

        Raises:
            CompileErrors: the text is no expression.
        """
        source = Source(text)
        return with_room(lambda: self._parse(source))

    def compile(self, text: str) -> Program:
        """Parse, check and validate an expression.

        Raises:
            CompileErrors: with all issues of the stage that failed.
        """
        source = Source(text)
        return with_room(lambda: self._compile(source))

    def program(self, root: Node) -> Program:
        """A program of an unchecked tree; calls find their overloads at run time."""
        return Program(self, Source(""), root)

    def _parse(self, source: Source) -> Node:
        size = len(source.text)
        if size > parsing.MAX_CODE_POINTS:
            message = f"expression code point size exceeds limit: size: {size}, limit {parsing.MAX_CODE_POINTS}"
            raise CompileErrors(source, [Issue(NO_LOCATION, message)])
        try:
            reader = parsing.Parser(source, self.macros, self.escaped_identifiers)
            root = reader.parse()
        except Rejected:
            from kubern.cel.syntax.diagnosis import diagnose

            raise CompileErrors(source, diagnose(source)) from None
        except parsing.RecursionLimit:
            raise CompileErrors(source, [parsing.depth_issue()]) from None
        if reader.issues:
            raise CompileErrors(source, reader.issues)
        if size > parsing.MAX_DEPTH and visitor_depth(root) > parsing.MAX_DEPTH:
            raise CompileErrors(source, [Issue(NO_LOCATION, "max recursion depth exceeded")])
        return root

    def _compile(self, source: Source) -> Program:
        root = self._parse(source)
        checker = Checker(self, source)
        try:
            checker.run(root)
        except TypeTooLarge:
            # Differs from kube-apiserver: it has no bound, and never ends for some expressions.
            raise CompileErrors(source, [Issue(NO_LOCATION, "type of expression is too large")]) from None
        issues = checker.issues
        if not issues:
            for validate in self.validators:
                issues.extend(validate(root, source))
        if issues:
            raise CompileErrors(source, issues)
        return Program(self, source, root)
