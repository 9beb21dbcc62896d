"""x-kubernetes-validations of a schema node: well-formed, compiling, affordable. Next: `rule_context.py`."""

from __future__ import annotations

import re
from typing import Any, Final

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern_apiextensions.api.schemaprops import rule_struct
from kubern_apiextensions.api.validation.rule_context import COST_LIMIT, RuleContext, cost_message
from kubern_apiextensions.api.validation.structural import conversion_problem
from kubern_apiextensions.schema.fieldpath import FieldPathError, find_field
from kubern_apiextensions.schema.rules import CompiledRule, compile_node_rules, declared_type, unsupported_type

Schema = dict[str, Any]

REASONS: Final = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")
_NEWLINES: Final = re.compile(r"[\n\r]")


def static_rule_errors(schema: Schema, path: Path) -> ErrorList:
    """What is wrong with the rules before anything is compiled."""
    errors: ErrorList = []
    for i, rule in enumerate(schema["x-kubernetes-validations"]):
        at = path.child("x-kubernetes-validations").index(i)
        errors += _text_errors(rule, at)
        message = rule.get("messageExpression", "")
        if message and not message.strip():
            errors.append(
                field.required(at.child("messageExpression"), "messageExpression must be non-empty if specified")
            )
        reason = rule.get("reason")
        if reason is not None and reason not in REASONS:
            errors.append(field.not_supported(at.child("reason"), reason, REASONS))
        errors += _field_path_errors(rule.get("fieldPath", ""), schema, at.child("fieldPath"))
    return errors


def _text_errors(rule: Schema, path: Path) -> ErrorList:
    text, message = rule.get("rule", "").strip(), rule.get("message", "")
    at = path.child("message")
    if not text:
        return [field.required(path.child("rule"), "rule is not specified")]
    if message and not message.strip():
        return [field.invalid(at, message, "must be non-empty if specified")]
    if _NEWLINES.search(message.strip()):
        return [field.invalid(at, message, "must not contain line breaks")]
    if _NEWLINES.search(text) and not message.strip():
        return [field.required(at, "message must be specified if rule contains line breaks")]
    return []


def _field_path_errors(text: str, schema: Schema, path: Path) -> ErrorList:
    if not text:
        return []
    errors: ErrorList = []
    if not text.strip():
        errors.append(field.invalid(path, text, "must be non-empty if specified"))
    if _NEWLINES.search(text):
        errors.append(field.invalid(path, text, "must not contain line breaks"))
    if not conversion_problem(schema):
        try:
            find_field(text, schema)
        except FieldPathError:
            errors.append(field.invalid(path, text, "must be a valid path"))
    return errors


def rule_errors(
    schema: Schema,
    path: Path,
    context: RuleContext,
    uncorrelatable: Path | None,
    limit_each: bool,
) -> ErrorList:
    """What compiling the rules of a node finds; their costs are added to the context's total."""
    at = path.child("x-kubernetes-validations")
    resource_root = context.is_root or bool(schema.get("x-kubernetes-embedded-resource"))
    decl = declared_type(schema, resource_root)
    if decl is None:
        if context.is_root or schema.get("type"):
            return [field.internal_error(at, unsupported_type(schema))]
        problem = "internal error: failed to retrieve type information for x-kubernetes-validations"
        return [field.internal_error(at, problem)]
    errors: ErrorList = []
    for i, compiled in enumerate(compile_node_rules(schema, decl)):
        errors += _compiled_errors(compiled, at.index(i), context, decl.min_size, uncorrelatable, limit_each)
    return errors


def _compiled_errors(
    compiled: CompiledRule,
    path: Path,
    context: RuleContext,
    min_size: int,
    uncorrelatable: Path | None,
    limit_each: bool,
) -> ErrorList:
    errors: ErrorList = []
    rule_path, message_path = path.child("rule"), path.child("messageExpression")
    cost = context.expression_cost(compiled.max_cost, min_size)
    if limit_each and cost > COST_LIMIT:
        errors.append(field.forbidden(rule_path, cost_message("estimated rule cost", cost, COST_LIMIT)))
    context.total.observe(rule_path, cost)
    shown = rule_struct(compiled.rule)
    if compiled.error:
        errors.append(field.invalid(rule_path, shown, compiled.error))
    if compiled.message_error:
        errors.append(field.invalid(message_path, shown, compiled.message_error))
    elif compiled.message_program is not None:
        cost = compiled.message_max_cost
        if limit_each and cost > COST_LIMIT:
            what = "estimated messageExpression cost"
            errors.append(field.forbidden(message_path, cost_message(what, cost, COST_LIMIT)))
        context.total.observe(message_path, cost)
    if compiled.uses_old_self:
        if uncorrelatable is not None:
            detail = f"oldSelf cannot be used on the uncorrelatable portion of the schema within {uncorrelatable}"
            errors.append(field.invalid(rule_path, compiled.rule["rule"], detail))
    elif compiled.rule.get("optionalOldSelf") is not None:
        detail = "may not be set if oldSelf is not used in rule"
        errors.append(field.invalid(path.child("optionalOldSelf"), compiled.rule["optionalOldSelf"], detail))
    return errors
