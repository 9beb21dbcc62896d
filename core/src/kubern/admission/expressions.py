"""CEL expressions of admission: what they see, and compiling them (upstream: admission/plugin/cel).

    compiler = CompositedCompiler()
    compiler.store_variable("name", "object.metadata.name", Declarations(has_authorizer=True))
    program = compiler.compile("variables.name != ''", (types.BOOL,), Declarations(has_authorizer=True))

Next: `kubern.cel.kubernetes` for the base environment; this module is imported by whoever compiles, not at start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from kubern.cel import types
from kubern.cel.checker.typing_rules import same_type
from kubern.cel.errors import CompileErrors
from kubern.cel.kubernetes import base_env
from kubern.cel.library.authorizer import AUTHORIZER, RESOURCE_CHECK
from kubern.cel.library.jsonpatch import jsonpatch_library
from kubern.cel.mutation import JSON_PATCH, object_type
from kubern.cel.schema import DYN_DECL, DeclField, DeclType, list_decl, map_decl, object_decl, simple_decl
from kubern.cel.types import Kind, Type

if TYPE_CHECKING:
    from kubern.cel.env import Env
    from kubern.cel.program import Program

OBJECT: Final = types.StructType("Object")
"""What an apply configuration must evaluate to."""
JSON_PATCHES: Final = types.list_of(JSON_PATCH)
"""What a JSON patch must evaluate to."""


class InvalidExpression(Exception):
    """An expression that does not compile or gives a value of the wrong type; `str()` is the detail to report."""


@dataclass(frozen=True, slots=True)
class Declarations:
    """Which variables there are beside object, oldObject, request and namespaceObject."""

    has_params: bool = False
    has_authorizer: bool = False
    has_patch_types: bool = False


class Compiler:
    """Compiles expressions one by one."""

    def compile(self, expression: str, returns: tuple[Type, ...], declared: Declarations) -> Program:
        """The program, of one of the types. Raises InvalidExpression."""
        try:
            program = self.environment(declared).compile(expression)
        except CompileErrors as error:
            raise InvalidExpression(f"compilation failed: {error}") from error
        given = program.output_type
        if any(wanted.kind is Kind.ANY or same_type(given, wanted) for wanted in returns):
            return program
        if len(returns) == 1:
            raise InvalidExpression(f"must evaluate to {returns[0]} but got {given}")
        names = " ".join(str(wanted) for wanted in returns)
        raise InvalidExpression(f"must evaluate to one of [{names}] but got {given}")

    def environment(self, declared: Declarations) -> Env:
        """The variables an expression may use."""
        return environment(declared)


class CompositedCompiler(Compiler):
    """Compiles expressions that may use `variables.<name>`, as far as these were stored before."""

    def __init__(self) -> None:
        self.variables: dict[str, Program] = {}
        self._fields: dict[str, DeclField] = {}
        self._environments: dict[Declarations, Env] = {}

    def store_variable(self, name: str, expression: str, declared: Declarations) -> Program:
        """Compile and declare a variable. Raises InvalidExpression, the variable being declared as dyn then."""
        self._fields[name] = DeclField(name, DYN_DECL)
        self._environments.clear()
        try:
            program = super().compile(expression, (types.ANY, types.DYN), declared)
        finally:
            self._environments.clear()
        self._fields[name] = DeclField(name, _declared(program.output_type))
        self.variables[name] = program
        return program

    def environment(self, declared: Declarations) -> Env:
        """As the plain compiler's, with `variables`."""
        known = self._environments.get(declared)
        if known is None:
            variables = object_decl("kubernetes.variables", dict(self._fields))
            known = environment(declared).extend(variables={"variables": variables})
            self._environments[declared] = known
        return known


@lru_cache(maxsize=8)
def environment(declared: Declarations) -> Env:
    """The environment of admission expressions."""
    request, namespace = request_type(), namespace_type()
    variables: dict[str, Type | DeclType] = {
        "object": types.DYN,
        "oldObject": types.DYN,
        "namespaceObject": namespace,
        "request": request,
    }
    if declared.has_params:
        variables["params"] = types.DYN
    if declared.has_authorizer:
        variables["authorizer"] = AUTHORIZER
        variables["authorizer.requestResource"] = RESOURCE_CHECK
    env = base_env().extend(variables=variables)
    if declared.has_patch_types:
        env = env.extend(libraries=(jsonpatch_library(),), types=(JSON_PATCH,), type_resolver=object_type)
    return env


_STRING: Final = simple_decl(types.STRING)
_INT: Final = simple_decl(types.INT)
# Times are texts at run time, since namespaces are handed over as plain objects.
_TIMESTAMP: Final = simple_decl(types.TIMESTAMP)
_STRINGS: Final = list_decl(_STRING)


def _object(name: str, /, **fields: DeclType) -> DeclType:
    return object_decl(f"kubernetes.{name}", {key: DeclField(key, of, required=True) for key, of in fields.items()})


@lru_cache(maxsize=1)
def request_type() -> DeclType:
    """The variable `request` (upstream: BuildRequestType)."""
    gvk = _object("GroupVersionKind", group=_STRING, version=_STRING, kind=_STRING)
    gvr = _object("GroupVersionResource", group=_STRING, version=_STRING, resource=_STRING)
    user = _object("UserInfo", username=_STRING, uid=_STRING, groups=_STRINGS, extra=map_decl(_STRINGS))
    return _object(
        "AdmissionRequest",
        kind=gvk,
        resource=gvr,
        subResource=_STRING,
        requestKind=gvk,
        requestResource=gvr,
        requestSubResource=_STRING,
        name=_STRING,
        namespace=_STRING,
        operation=_STRING,
        userInfo=user,
        dryRun=simple_decl(types.BOOL),
        options=DYN_DECL,
    )


@lru_cache(maxsize=1)
def namespace_type() -> DeclType:
    """The variable `namespaceObject` (upstream: BuildNamespaceType)."""
    condition = _object(
        "NamespaceCondition",
        status=_STRING,
        type=_STRING,
        lastTransitionTime=_TIMESTAMP,
        message=_STRING,
        reason=_STRING,
    )
    metadata = _object(
        "NamespaceMetadata",
        name=_STRING,
        generateName=_STRING,
        namespace=_STRING,
        labels=map_decl(_STRING),
        annotations=map_decl(_STRING),
        UID=_STRING,
        creationTimestamp=_TIMESTAMP,
        deletionGracePeriodSeconds=_INT,
        deletionTimestamp=_TIMESTAMP,
        generation=_INT,
        resourceVersion=_STRING,
        finalizers=_STRINGS,
    )
    return _object(
        "Namespace",
        metadata=metadata,
        spec=_object("NamespaceSpec", finalizers=_STRINGS),
        status=_object("NamespaceStatus", conditions=list_decl(condition), phase=_STRING),
    )


_DECLARED_KINDS: Final[Mapping[Kind, DeclType]] = {
    kind: simple_decl(of)
    for kind, of in (
        (Kind.BOOL, types.BOOL),
        (Kind.BYTES, types.BYTES),
        (Kind.DOUBLE, types.DOUBLE),
        (Kind.DURATION, types.DURATION),
        (Kind.INT, types.INT),
        (Kind.NULL, types.NULL),
        (Kind.STRING, types.STRING),
        (Kind.TIMESTAMP, types.TIMESTAMP),
        (Kind.UINT, types.UINT),
    )
}


def _declared(of: Any) -> DeclType:
    """The declared type of a variable (upstream: convertCelTypeToDeclType); other types are dyn."""
    known = _DECLARED_KINDS.get(of.kind)
    if known is not None:
        return known
    if of.kind is Kind.LIST and of.params:
        return list_decl(_declared(of.params[0]))
    if of.kind is Kind.MAP and of.params:
        return map_decl(_declared(of.params[1]))
    return DYN_DECL
