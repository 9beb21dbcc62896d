"""Everything that is wrong with a value, in kube-openapi's order and words.

Walks the raw schema; asked only after the compiled checks (`checks.py`) said no, so it may be slow. Upstream:
kube-openapi validate.SchemaValidator and apiextensions' ratchetingValueValidator.
"""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.field import ErrorList, Path
from kubern.util.goregexp import GoRegexpError, compile_go
from kubern_apiextensions.schema.structural import Schema, additional_schema, items, json_types, properties
from kubern_apiextensions.schema.validation.correlation import Correlation
from kubern_apiextensions.schema.validation.formats import find_format
from kubern_apiextensions.schema.validation.logic import add_junctor_errors
from kubern_apiextensions.schema.validation.number_errors import add_number_errors
from kubern_apiextensions.schema.validation.numbers import normal
from kubern_apiextensions.schema.validation.result import Result
from kubern_apiextensions.schema.validation.values import checked_format, equals_enum_value, json_type, type_error


def find_errors(
    schema: Schema, value: Any, base: Path | None = None, correlation: Correlation | None = None
) -> ErrorList:
    """The problems of a value; with a correlation, those of unchanged parts are left out.

    `base` is the value's own place (None at the root of a resource).
    """
    return validate(schema, value, "", base, correlation).errors


def validate(schema: Schema, value: Any, name: str, base: Path | None, pair: Correlation | None = None) -> Result:
    """One node: `name` is its path from the root of the validated value."""
    result = Result(base)
    if value is None:
        _add_null_errors(schema, name, result)
    else:
        _add_value_errors(schema, value, name, result, pair)
    if pair is not None and not result.is_valid and pair.equal:
        unchanged = Result(base)
        unchanged.match_count = result.match_count
        return unchanged
    return result


def _add_null_errors(schema: Schema, name: str, result: Result) -> None:
    types = json_types(schema)
    if types and "null" not in types and not schema.get("nullable"):
        result.wrong_type(name, ",".join(types), "null")
    else:
        result.match_count += 1
    if schema.get("enum"):
        result.not_in_enum(name, None, schema["enum"])


def _add_value_errors(schema: Schema, value: Any, name: str, result: Result, pair: Correlation | None) -> None:
    kind = value.__class__
    if kind is int:
        value = normal(value)
        kind = value.__class__
    checked = 1
    if json_types(schema) or checked_format(schema):
        checked += 1
        problem = type_error(schema, value)
        if problem is None:
            result.match_count += 1
        else:
            result.wrong_type(name, *problem)
    checked += 1
    add_junctor_errors(schema, value, name, result, validate)
    if kind is str:
        checked += 1 + _add_string_errors(schema, value, name, result)
    elif kind is int or kind is float:
        checked += 1
        add_number_errors(schema, value, name, result)
    elif kind is list:
        checked += 1
        _add_list_errors(schema, value, name, result, pair)
    checked += 1
    if schema.get("enum") and not any(equals_enum_value(value, v) for v in schema["enum"]):
        result.not_in_enum(name, value, schema["enum"])
    if kind is dict:
        checked += 1
        _add_object_errors(schema, value, name, result, pair)
    result.match_count += checked


def _add_string_errors(schema: Schema, value: str, name: str, result: Result) -> int:
    """At most one error for length and pattern, then the format's; gives 1 when there is a format to check."""
    length = len(value)
    maximum, minimum = schema.get("maxLength"), schema.get("minLength")
    if maximum is not None and length > maximum:
        result.too_long(name, value, maximum)
    elif minimum is not None and length < minimum:
        result.invalid(name, value, f"{name} in body should be at least {minimum} chars long")
    elif schema.get("pattern"):
        _add_pattern_error(schema["pattern"], value, name, result)
    check = find_format(schema.get("format", ""))
    if check is None:
        return 0
    if not check(value):
        result.wrong_type(name, schema["format"], value)
    return 1


def _add_pattern_error(pattern: str, value: str, name: str, result: Result) -> None:
    try:
        compiled = compile_go(pattern)
    except GoRegexpError as error:
        shown = f"{pattern}, but pattern is invalid: {error}"
        result.invalid(name, value, f"{name} in body should match '{shown}'")
        return
    if not compiled.search(value):
        result.invalid(name, value, f"{name} in body should match '{pattern}'")


def _add_list_errors(schema: Schema, value: list[Any], name: str, result: Result, pair: Correlation | None) -> None:
    item_schema = items(schema)
    if item_schema is not None:
        for i, item in enumerate(value):
            below = None if pair is None else pair.index(i)
            result.merge(validate(item_schema, item, f"{name}[{i}]", result.base, below))
    size = len(value)
    minimum, maximum = schema.get("minItems"), schema.get("maxItems")
    if minimum is not None and size < minimum:
        result.invalid(name, size, f"{name} in body should have at least {minimum} items")
    if maximum is not None and size > maximum:
        result.too_many(name, size, maximum, "items")
    if schema.get("uniqueItems") and has_duplicates(value):
        result.invalid(name, None, f"{name} in body shouldn't contain duplicates")
    result.match_count += 1


def has_duplicates(value: list[Any]) -> bool:
    """Whether two items are equal, types included."""
    return any(json_type(a) == json_type(value[j]) and a == value[j] for i, a in enumerate(value) for j in range(i))


def _add_object_errors(
    schema: Schema, value: dict[str, Any], name: str, result: Result, pair: Correlation | None
) -> None:
    count = len(value)
    minimum, maximum = schema.get("minProperties"), schema.get("maxProperties")
    if minimum is not None and count < minimum:
        result.invalid(name, count, f"{name} in body should have at least {minimum} properties")
        return
    if maximum is not None and count > maximum:
        result.too_many(name, count, maximum, "properties")
        return
    declared = properties(schema)
    _add_other_members_errors(schema, value, name, result, pair)
    for member, child in sorted(declared.items()):
        if member in value:
            place = f"{name}.{member}" if name else member
            result.merge(validate(child, value[member], place, result.base, _below(pair, member, name)))
    for member in schema.get("required", ()):
        if member not in value:
            result.required(f"{name}.{member}")


def _add_other_members_errors(
    schema: Schema, value: dict[str, Any], name: str, result: Result, pair: Correlation | None
) -> None:
    """Members that are not declared: each against additionalProperties, or none allowed."""
    declared = properties(schema)
    others = sorted(member for member in value if member not in declared)
    if schema.get("additionalProperties") is False:
        for member in others:
            result.invalid(name, member, f"{name}.{member} in body is a forbidden property")
        return
    child = additional_schema(schema)
    if child is None:
        return
    for member in others:
        below = _below(pair, member, name)
        result.merge(validate(child, value[member], f"{name}.{member}", result.base, below))


def _below(pair: Correlation | None, member: str, name: str) -> Correlation | None:
    """The pair of a member; apiVersion and kind of the root never count as unchanged."""
    if pair is None or (not name and member in ("apiVersion", "kind")):
        return None
    return pair.key(member)
