"""x-kubernetes-validations compiled: the tree of rules that parallels a schema (upstream: schema/cel).

Rules are compiled when the first object of a version is written; `kubern.cel` is imported no earlier. Next:
`rule_evaluation.py`, which runs them.
"""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any, Final

from kubern_apiextensions.schema.fieldpath import FieldPathError, find_field
from kubern_apiextensions.schema.structural import (
    VALIDATIONS,
    Schema,
    additional_schema,
    any_node,
    is_embedded_resource,
    items,
    properties,
)

if TYPE_CHECKING:
    from kubern.cel.env import Env
    from kubern.cel.program import Program
    from kubern.cel.schema import DeclType

SELF: Final = "self"
OLD_SELF: Final = "oldSelf"
RUNTIME_COST_BUDGET: Final = 10_000_000
"""The cost of all rules for one object (upstream: celconfig.RuntimeCELCostBudget)."""


@dataclasses.dataclass(slots=True)
class CompiledRule:
    """One rule with its programs, or what keeps it from running. Costs are the estimated maxima."""

    rule: dict[str, Any]
    program: Program | None = None
    error: str = ""
    uses_old_self: bool = False
    max_cost: int = 0
    message_program: Program | None = None
    message_error: str = ""
    message_max_cost: int = 0
    field_path: str = ""

    @property
    def optional_old_self(self) -> bool:
        return bool(self.rule.get("optionalOldSelf"))


@dataclasses.dataclass(slots=True)
class RuleNode:
    """The rules at a schema node and below it; parts without rules are left out."""

    schema: Schema
    decl: DeclType | None
    rules: list[CompiledRule]
    error: str = ""
    items: RuleNode | None = None
    values: RuleNode | None = None
    properties: dict[str, RuleNode] = dataclasses.field(default_factory=dict)


def has_rules(schema: Schema) -> bool:
    return any_node(schema, lambda node: bool(node.get(VALIDATIONS)))


def compile_rules(schema: Schema, *, resource_root: bool) -> RuleNode | None:
    """All rules of a schema, None when there are none. Rules that do not compile carry their error."""
    return _node(schema, resource_root) if has_rules(schema) else None


def _node(schema: Schema, resource_root: bool) -> RuleNode | None:
    node = RuleNode(schema, None, [])
    if schema.get(VALIDATIONS):
        node.decl = declared_type(schema, resource_root)
        if node.decl is None:
            node.error = unsupported_type(schema)
        else:
            node.rules = compile_node_rules(schema, node.decl)
    item_schema, value_schema = items(schema), additional_schema(schema)
    node.items = None if item_schema is None else _node(item_schema, is_embedded_resource(item_schema))
    node.values = None if value_schema is None else _node(value_schema, is_embedded_resource(value_schema))
    for name, child in properties(schema).items():
        below = _node(child, is_embedded_resource(child))
        if below is not None:
            node.properties[name] = below
    found = node.rules or node.error or node.items or node.values or node.properties
    return node if found else None


def declared_type(schema: Schema, resource_root: bool) -> DeclType | None:
    """The CEL type of values of a schema, None when rules cannot see them."""
    from kubern.cel.openapi import decl_type

    return decl_type(schema, f"selfType{time.time_ns() % 1_000_000_000}", resource_root)


def unsupported_type(schema: Schema) -> str:
    """Why a node without a CEL type can have no rules."""
    preserves = "true" if schema.get("x-kubernetes-preserve-unknown-fields") else "false"
    return (
        f"rule declared on schema that does not support validation rules type: '{schema.get('type', '')}' "
        f"x-kubernetes-preserve-unknown-fields: '{preserves}'"
    )


def compile_node_rules(schema: Schema, decl: DeclType) -> list[CompiledRule]:
    """The rules of one node (upstream: cel.Compile)."""
    from kubern.cel import types
    from kubern.cel.kubernetes import base_env

    base = base_env()
    plain: Env | None = None
    optional: Env | None = None
    compiled = []
    for rule in schema[VALIDATIONS]:
        if rule.get("optionalOldSelf"):
            optional = optional or base.extend(variables={SELF: decl, OLD_SELF: types.optional_of(decl.cel_type)})
            env = optional
        else:
            plain = plain or base.extend(variables={SELF: decl, OLD_SELF: decl})
            env = plain
        compiled.append(_compile_rule(rule, env, schema, decl))
    return compiled


def _compile_rule(rule: dict[str, Any], env: Env, schema: Schema, decl: DeclType) -> CompiledRule:
    from kubern.cel import types
    from kubern.cel.cost.schema_sizes import SchemaSizes
    from kubern.cel.errors import CompileErrors

    out = CompiledRule(rule)
    text = rule.get("rule", "")
    if not text.strip():
        return out
    try:
        program = env.compile(text)
    except CompileErrors as error:
        out.error = f"compilation failed: {error}"
        return out
    if program.output_type != types.BOOL:
        out.error = "cel expression must evaluate to a bool"
        return out
    sizes = SchemaSizes(decl)
    out.uses_old_self = _mentions(program.root, OLD_SELF)
    out.max_cost = program.estimate_cost(sizes).high
    out.program = program
    message = rule.get("messageExpression")
    if message:
        try:
            message_program = env.compile(message)
        except CompileErrors as error:
            out.message_error = f"messageExpression compilation failed: {error}"
            return out
        if message_program.output_type != types.STRING:
            out.message_error = "messageExpression must evaluate to a string"
            return out
        out.message_program = message_program
        out.message_max_cost = message_program.estimate_cost(sizes).high
    if rule.get("fieldPath"):
        out.field_path = _normalized_path(rule["fieldPath"], schema)
    return out


def _normalized_path(text: str, schema: Schema) -> str:
    try:
        return find_field(text, schema)[0]
    except FieldPathError:
        return ""


def _mentions(node: object, name: str) -> bool:
    """Whether a syntax tree refers to a variable."""
    from kubern.cel.ast import Ident

    pending: list[object] = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, Ident):
            if current.name == name:
                return True
        elif isinstance(current, (list, tuple)):
            pending.extend(current)
        elif type(current).__module__ == Ident.__module__:
            slots = [slot for cls in type(current).__mro__ for slot in getattr(cls, "__slots__", ())]
            pending.extend(getattr(current, slot) for slot in slots if slot not in ("type", "pos", "overloads"))
    return False
