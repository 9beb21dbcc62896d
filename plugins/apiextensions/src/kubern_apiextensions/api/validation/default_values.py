"""Defaults in a schema must be pruned and pass their own schema (upstream: structuraldefaulting.ValidateDefaults).

Next: `schemas.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Final

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path, aggregate_message
from kubern_apiextensions.schema.defaulting import copy_json
from kubern_apiextensions.schema.objectmeta import coercion_error, validate_embedded
from kubern_apiextensions.schema.paths import sorted_value
from kubern_apiextensions.schema.rule_evaluation import evaluate_rules
from kubern_apiextensions.schema.rules import RUNTIME_COST_BUDGET
from kubern_apiextensions.schema.structural import (
    META_FIELDS,
    Schema,
    any_node,
    as_resource_root,
    is_embedded_resource,
    items,
    properties,
)
from kubern_apiextensions.schema.validation.errors import find_errors
from kubern_apiextensions.schema.walker import WalkOptions, compile_walker

Surround = Callable[[Any], Any]
"""Puts a value where it would stand in the surrounding resource."""
_TYPE_META: Final = {"apiVersion": "validation/v1", "kind": "Validation"}
_PRUNE_ONLY: Final = WalkOptions(drop_nulls=False, defaults=False)


@dataclasses.dataclass(slots=True)
class _State:
    require_pruned: bool
    cost_budget: int = RUNTIME_COST_BUDGET
    errors: ErrorList = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True)
class _Place:
    """Where in a resource a schema applies: the resource's schema, and whether inside its type or metadata."""

    root: Schema
    surround: Surround
    inside_meta: bool = False


def validate_default_values(schema: Schema, path: Path, require_pruned: bool) -> ErrorList:
    """Problems of all defaults of a structural root schema."""
    if not any_node(schema, lambda node: node.get("default") is not None):
        return []
    state = _State(require_pruned)
    root = as_resource_root(schema)
    _visit(root, path, _Place(root, _resource), state)
    return state.errors


def has_unpruned_defaults(schema: Schema) -> bool:
    """Whether a default has fields that its schema does not know."""
    return any_node(schema, lambda node: node.get("default") is not None and not _is_pruned(node))


def _resource(value: Any) -> Any:
    return {**_TYPE_META, **value} if isinstance(value, dict) else value


def _is_pruned(schema: Schema) -> bool:
    embedded = is_embedded_resource(schema)
    return not compile_walker(schema, _PRUNE_ONLY, root=embedded)(copy_json(schema["default"]))


def _visit(schema: Schema, path: Path, place: _Place, state: _State) -> None:
    embedded = is_embedded_resource(schema)
    if embedded:
        place = _Place(schema, _resource)
    if schema.get("default") is not None and state.cost_budget >= 0:
        state.errors += _default_errors(schema, path.child("default"), place, state)
    item_schema = items(schema)
    if item_schema is not None:
        outer = place.surround
        below = dataclasses.replace(place, surround=lambda value: outer([value]))
        _visit(item_schema, path.child("items"), below, state)
    for name, child in sorted(properties(schema).items()):
        inside = place.inside_meta or (embedded and name in META_FIELDS)
        below = _Place(place.root, _below(place.surround, name), inside)
        _visit(child, path.child("properties").key(name), below, state)


def _below(outer: Surround, name: str) -> Surround:
    return lambda value: outer({name: value})


def _default_errors(schema: Schema, path: Path, place: _Place, state: _State) -> ErrorList:
    value = sorted_value(schema["default"])
    errors: ErrorList = []
    embedded = is_embedded_resource(schema)
    if place.inside_meta:
        problem = _meta_problem(place.surround(copy_json(value)), place.root)
        if problem:
            return [field.invalid(path, value, f"must result in valid metadata: {problem}")]
    else:
        if state.require_pruned and not _is_pruned(schema):
            errors.append(field.invalid(path, value, "must not have unknown fields"))
        malformed = coercion_error(value, schema, path, root=embedded)
        if malformed is not None:
            return [*errors, malformed]
        invalid = validate_embedded(value, schema, path, root=embedded)
        if invalid:
            return errors + invalid
    invalid = find_errors(schema, value, path)
    if invalid:
        return errors + invalid
    rule_errors, state.cost_budget = evaluate_rules(
        schema, value, value, path, resource_root=embedded, budget=state.cost_budget
    )
    return errors + rule_errors


def _meta_problem(resource: Any, root: Schema) -> str:
    """What is wrong with apiVersion, kind or metadata of a resource made around a default; "" when nothing is."""
    malformed = coercion_error(resource, root, None, root=True)
    if malformed is not None:
        return str(malformed)
    invalid = validate_embedded(resource, root, None, root=True)
    return aggregate_message(invalid) if invalid else ""
