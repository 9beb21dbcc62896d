"""Warnings about a policy's expressions from the types of what it matches (upstream: policy/validating/typechecking.go).

When a policy is evaluated its objects have no types; here each expression is compiled once more for every kind that
the policy names without wildcards. Next: `kubern/cel/openapi.py`, which makes types of schemas.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, product
from typing import TYPE_CHECKING, Any

from kubern.admission.expressions import Declarations, environment
from kubern.cel.composition import Composition
from kubern.cel.errors import CompileErrors
from kubern.cel.openapi import decl_type
from kubern.endpoints.openapi.operations import ResourceOperations
from kubern.endpoints.openapi.schemas import Components

if TYPE_CHECKING:
    from kubern.cel.schema import DeclType
    from kubern.server import GenericAPIServer

Object = dict[str, Any]
Kind = tuple[str, str, str]
"""Group, version and kind."""
MAX_TYPES = 10


class TypeChecker:
    """Checks policies against the kinds that a server serves."""

    def __init__(self, server: GenericAPIServer) -> None:
        self._server = server

    def check(self, policy: Object) -> list[Object]:
        """Items of status.typeChecking.expressionWarnings."""
        spec = policy.get("spec") or {}
        kinds = [(kind, found) for kind in self._kinds(spec) if (found := self._type(kind)) is not None]
        group, _, version = ((spec.get("paramKind") or {}).get("apiVersion") or "").rpartition("/")
        params = self._type((group, version, (spec.get("paramKind") or {}).get("kind", "")))
        compositions = [(kind, _composition(of, params, spec.get("variables") or ())) for kind, of in kinds]
        warnings = []
        for i, validation in enumerate(spec.get("validations") or ()):
            for field in ("expression", "messageExpression"):
                text = validation.get(field, "")
                told = [problem for kind, known in compositions for problem in _problems(kind, known, text)]
                if text and told:
                    where = f"spec.validations[{i}].{field}"
                    warnings.append({"fieldRef": where, "warning": "\n".join(told)})
        return warnings

    def _kinds(self, spec: Object) -> list[Kind]:
        """The first kinds that the policy's rules name, in order."""
        found: set[Kind] = set()
        for rule in (spec.get("matchConstraints") or {}).get("resourceRules") or ():
            of_rule = list(islice(self._kinds_of(rule), MAX_TYPES))
            found.update(of_rule)
            if len(of_rule) == MAX_TYPES:
                break
        return sorted(found)

    def _kinds_of(self, rule: Object) -> Iterator[Kind]:
        groups, versions = rule.get("apiGroups") or (), rule.get("apiVersions") or ()
        if any("*" in name for name in (*groups, *versions)):
            return
        resources = [name for name in rule.get("resources") or () if "*" not in name and "/" not in name]
        for group, version, resource in product(sorted(groups), sorted(versions), sorted(resources)):
            store = self._server.find_store(group, resource)
            if store is not None and store.definition.version(version) is not None:
                yield group, version, store.definition.kind

    def _type(self, kind: Kind) -> DeclType | None:
        group, version, name = kind
        candidates = self._server.definitions_of_kind(group, name)
        definition = next((one for one in candidates if one.version(version) is not None), None)
        if definition is None:
            return None
        components = Components([(definition, version)])
        schema = _inlined(components, ResourceOperations(definition, version).model, ())
        return None if schema is None else decl_type(schema, ".".join(kind), True)


def _composition(of: DeclType, params: DeclType | None, variables: Iterable[Object]) -> Composition:
    """What expressions see when objects are of a type."""
    declared = environment(Declarations(has_params=params is not None, has_authorizer=True))
    typed: dict[str, Any] = {"object": of, "oldObject": of}
    if params is not None:
        typed["params"] = params
    composition = Composition(declared.extend(variables=typed))
    for variable in variables:
        try:
            composition.add(variable.get("name", ""), variable.get("expression", ""))
        except CompileErrors:
            continue  # told where it is used
    return composition


def _problems(kind: Kind, composition: Composition, text: str) -> Iterator[str]:
    try:
        composition.env.compile(text)
    except CompileErrors as errors:
        group, version, name = kind
        api_version = f"{group}/{version}"
        yield f"{api_version}, Kind={name}: {errors}\n"


def _inlined(components: Components, name: str, above: tuple[str, ...]) -> Object | None:
    """A definition with those that it refers to in their places; None for one that refers to itself."""
    if name in above:
        return None
    found = _without_references(components, components.raw(name), (*above, name))
    return found if isinstance(found, dict) else None


def _without_references(components: Components, node: Any, above: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_without_references(components, item, above) for item in node]
    if not hasattr(node, "items"):
        return node
    reference = node.get("$ref") or next((one["$ref"] for one in node.get("allOf") or () if "$ref" in one), None)
    if isinstance(reference, str):
        # What refers to itself has no end; such a field has any type.
        found = _inlined(components, reference.rpartition("/")[2], above)
        return found if found is not None else {"x-kubernetes-int-or-string": True}
    if "oneOf" in node and "type" not in node:
        return {**node, "x-kubernetes-int-or-string": True}
    return {key: _without_references(components, value, above) for key, value in node.items()}
