"""The CEL parts of webhooks and policies, compiled to see whether they do (upstream: apis/admissionregistration).

Next: `kubern/admission/expressions.py`, which knows what the expressions see.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.formats import validate_qualified_name

if TYPE_CHECKING:
    from kubern.admission.expressions import Compiler
    from kubern.cel.types import Type

Object = dict[str, Any]

MAX_MATCH_CONDITIONS: Final = 64
MAX_AUDIT_ANNOTATIONS: Final = 20
MAX_AUDIT_EXPRESSION_BYTES: Final = 5 * 1024
REASONS: Final = ("Forbidden", "Invalid", "RequestEntityTooLarge")
_IDENTIFIER: Final = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_RESERVED: Final = frozenset(
    [
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]
)


def stateless_compiler() -> Compiler:
    """A compiler of expressions that see no variables of a policy."""
    from kubern.admission.expressions import Compiler

    return Compiler()


def composited_compiler() -> Compiler:
    """A compiler of expressions that see the variables of a policy."""
    from kubern.admission.expressions import CompositedCompiler

    return CompositedCompiler()


def _compile(
    compiler: Compiler, text: str, path: Path, returns: tuple[Type, ...], *, shown: str | None = None, **sees: bool
) -> ErrorList:
    """Problems of an expression; `shown` is how the message quotes it."""
    from kubern.admission.expressions import Declarations, InvalidExpression

    try:
        compiler.compile(text, returns, Declarations(**sees))
    except InvalidExpression as error:
        return [field.invalid(path, text if shown is None else shown, str(error))]
    return []


def validate_match_conditions(conditions: list[Object] | None, path: Path, *, has_params: bool = False) -> ErrorList:
    """Named expressions that all must be true."""
    from kubern.cel.types import BOOL

    conditions = conditions or []
    errors: ErrorList = []
    if len(conditions) > MAX_MATCH_CONDITIONS:
        errors.append(field.too_many(path, len(conditions), MAX_MATCH_CONDITIONS))
    compiler = stateless_compiler()
    seen: set[str] = set()
    for i, condition in enumerate(conditions):
        text, name, at = condition.get("expression", "").strip(), condition.get("name", ""), path.index(i)
        if not text:
            errors.append(field.required(at.child("expression")))
        else:
            errors += _compile(
                compiler, text, at.child("expression"), (BOOL,), has_params=has_params, has_authorizer=True
            )
        if not name:
            errors.append(field.required(at.child("name")))
            continue
        errors += validate_qualified_name(name, at.child("name"))
        if name in seen:
            errors.append(field.duplicate(at.child("name"), name))
        seen.add(name)
    return errors


def validate_variable(compiler: Compiler, variable: Object, path: Path, *, has_params: bool) -> ErrorList:
    """A named expression; it is declared for those after it."""
    from kubern.admission.expressions import CompositedCompiler, Declarations, InvalidExpression

    assert isinstance(compiler, CompositedCompiler)
    errors: ErrorList = []
    name, text = variable.get("name", ""), variable.get("expression", "")
    if not name.strip():
        errors.append(field.required(path.child("name"), "name is not specified"))
    elif not _IDENTIFIER.fullmatch(name) or name in _RESERVED:
        errors.append(field.invalid(path.child("name"), name, "must be a valid CEL identifier"))
    if not text.strip():
        return [*errors, field.required(path.child("expression"), "expression is not specified")]
    try:
        compiler.store_variable(name, text, Declarations(has_params=has_params, has_authorizer=True))
    except InvalidExpression as error:
        errors.append(field.invalid(path.child("expression"), text, str(error)))
    return errors


def validate_validation(compiler: Compiler, validation: Object, path: Path, *, has_params: bool) -> ErrorList:
    """An expression that must be true, and what is said when it is not."""
    from kubern.cel.types import BOOL, STRING

    text, message_text = validation.get("expression", ""), validation.get("messageExpression", "")
    at = path.child("expression")
    if not text.strip():
        errors = [field.required(at, "expression is not specified")]
    else:
        errors = _compile(compiler, text, at, (BOOL,), has_params=has_params, has_authorizer=True)
    at = path.child("messageExpression")
    if message_text and not message_text.strip():
        errors.append(field.invalid(at, message_text, "must be non-empty if specified"))
    elif message_text:
        errors += _compile(compiler, message_text, at, (STRING,), has_params=has_params)
    message, reason = validation.get("message", ""), validation.get("reason")
    if message and not message.strip():
        errors.append(field.invalid(path.child("message"), message, "must be non-empty if specified"))
    elif "\n" in message.strip() or "\r" in message.strip():
        errors.append(field.invalid(path.child("message"), message, "must not contain line breaks"))
    if reason is not None and reason not in REASONS:
        errors.append(field.not_supported(path.child("reason"), reason, REASONS))
    return errors


def validate_audit_annotation(
    compiler: Compiler, policy: str, annotation: Object, path: Path, *, has_params: bool
) -> ErrorList:
    """A key under the policy's name, and an expression that gives a text or null."""
    from kubern.cel.types import NULL, STRING

    key, written = annotation.get("key", ""), annotation.get("valueExpression", "")
    if policy:
        errors = validate_qualified_name(f"{policy}/{key}", path.child("key"))
    else:
        errors = [field.invalid(path.child("key"), key, "requires metadata.name be non-empty")]
    text, at = written.strip(), path.child("valueExpression")
    if not text:
        return [*errors, field.required(at, "valueExpression is not specified")]
    if len(text.encode()) > MAX_AUDIT_EXPRESSION_BYTES:
        return [*errors, field.required(at, f"must not exceed {MAX_AUDIT_EXPRESSION_BYTES} bytes in length")]
    return errors + _compile(
        compiler, text, at, (STRING, NULL), shown=written, has_params=has_params, has_authorizer=True
    )


def validate_mutation(compiler: Compiler, mutation: Object, path: Path, *, has_params: bool) -> ErrorList:
    """Either an apply configuration or a JSON patch."""
    from kubern.admission.expressions import JSON_PATCHES, OBJECT

    returns = {"jsonPatch": JSON_PATCHES, "applyConfiguration": OBJECT}
    kinds = {
        "ApplyConfiguration": ("applyConfiguration", "jsonPatch"),
        "JSONPatch": ("jsonPatch", "applyConfiguration"),
    }
    kind = mutation.get("patchType", "")
    if not kind:
        return [field.required(path.child("patchType"))]
    if kind not in kinds:
        return [field.not_supported(path.child("patchType"), kind, kinds)]
    wanted, other = kinds[kind]
    errors: ErrorList = []
    if mutation.get(wanted) is None:
        errors.append(field.required(path.child(wanted), f"must be specified when patchType is {kind}"))
    else:
        text, at = mutation[wanted].get("expression", "").strip(), path.child(wanted, "expression")
        if not text:
            errors.append(field.required(at))
        else:
            result = (returns[wanted],)
            errors += _compile(
                compiler, text, at, result, has_params=has_params, has_authorizer=True, has_patch_types=True
            )
    if mutation.get(other) is not None:
        detail = f"must not be specified when patchType is {kind}"
        errors.append(field.invalid(path.child(other), f"{{{other}}}", detail))
    return errors
