"""Compiled checks: functions that say whether a value is valid, and nothing else.

Nearly every value is valid, so this is the hot path: no paths, no messages, one dictionary lookup and one call
per field, none at all for fields that need no more than the right type. They agree with `errors.py` in every
case (a test compares them on random schemas and values), which is asked for the errors when a check fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from kubern.util.goregexp import GoRegexpError, compile_go
from kubern_apiextensions.schema.structural import Schema, additional_schema, items, json_types, properties
from kubern_apiextensions.schema.validation.errors import has_duplicates
from kubern_apiextensions.schema.validation.formats import find_format
from kubern_apiextensions.schema.validation.number_errors import has_number_rules, number_is_valid
from kubern_apiextensions.schema.validation.numbers import INT64_MAX, INT64_MIN, fits_int64, normal, truncated
from kubern_apiextensions.schema.validation.values import checked_format, equals_enum_value, type_error

Check = Callable[[Any], bool]
_SAMPLES: Final[dict[type, Any]] = {str: "", bool: False, list: [], dict: {}}
"""A value of each class whose type check does not depend on the value."""
_PLAIN_CLASSES: Final = {"string": str, "boolean": bool}


def compile_check(schema: Schema) -> Check | None:
    """The check of a schema; None when every value is valid."""
    if not schema:
        return None
    # Once for all classes: junctors nest, and five compilations at each level would be 5**depth.
    junctors = _junctor_checks(schema)
    by_class: dict[type, Check | None] = {cls: _compile_for(schema, cls, junctors) for cls in (str, bool, list, dict)}
    number = _compile_number(schema, junctors)
    by_class[int] = by_class[float] = number
    by_class[type(None)] = _null_check(schema)
    if all(check is None for check in by_class.values()):
        return None
    return _dispatch(by_class)


def _always(value: Any) -> bool:
    return True


def _never(value: Any) -> bool:
    return False


def _dispatch(by_class: dict[type, Check | None]) -> Check:
    table = {cls: _always if check is None else check for cls, check in by_class.items()}
    find = table.__getitem__

    def check(value: Any) -> bool:
        return find(value.__class__)(value)

    return check


def _null_check(schema: Schema) -> Check | None:
    types = json_types(schema)
    if (types and "null" not in types and not schema.get("nullable")) or schema.get("enum"):
        return _never
    return None


def _all(checks: list[Check]) -> Check | None:
    """One check for several."""
    if _never in checks:
        return _never
    if len(checks) < 2:
        return checks[0] if checks else None
    if len(checks) == 2:
        first, second = checks
        return lambda value: first(value) and second(value)
    frozen = tuple(checks)
    return lambda value: all(check(value) for check in frozen)


def _compile_for(schema: Schema, cls: type, junctors: list[Check]) -> Check | None:
    """The check for values of one class."""
    if type_error(schema, _SAMPLES[cls]) is not None:
        return _never
    checks = list(junctors)
    if cls is str:
        checks += _string_checks(schema)
    elif cls is list:
        checks += _list_checks(schema)
    elif cls is dict:
        checks += _object_checks(schema)
    checks += _enum_checks(schema)
    return _all(checks)


def _enum_checks(schema: Schema) -> list[Check]:
    enum = schema.get("enum")
    if not enum:
        return []
    if all(isinstance(v, str) for v in enum):
        strings = frozenset(enum)
        return [lambda value: value.__class__ is str and value in strings]
    return [lambda value: any(equals_enum_value(value, allowed) for allowed in enum)]


def _string_checks(schema: Schema) -> list[Check]:
    checks: list[Check] = []
    minimum, maximum = schema.get("minLength"), schema.get("maxLength")
    if minimum is not None and maximum is not None:
        checks.append(lambda value: minimum <= len(value) <= maximum)
    elif minimum is not None:
        checks.append(lambda value: len(value) >= minimum)
    elif maximum is not None:
        checks.append(lambda value: len(value) <= maximum)
    if schema.get("pattern"):
        checks.append(_pattern_check(schema["pattern"]))
    format_check = find_format(schema.get("format", ""))
    if format_check is not None:
        checks.append(format_check)
    return checks


def _pattern_check(pattern: str) -> Check:
    try:
        search = compile_go(pattern).search
    except GoRegexpError:
        return _never
    return lambda value: search(value) is not None


def _compile_number(schema: Schema, junctors: list[Check]) -> Check | None:
    """The check for int and float, which Go keeps apart by size."""
    simple = _simple_integer(schema)
    rules = _all(junctors + _enum_checks(schema))
    types = json_types(schema)
    is_integer = types[:1] == ("integer",)
    bounded = has_number_rules(schema)
    if not bounded and rules is None and not is_integer and _takes_all_numbers(schema):
        return None

    def check(value: Any) -> bool:
        if value.__class__ is int and simple is not None and rules is None:
            return simple[0] <= value <= simple[1]
        value = normal(value)
        if type_error(schema, value) is not None or (is_integer and not fits_int64(value)):
            return False
        return (not bounded or number_is_valid(schema, value)) and (rules is None or rules(value))

    return check


def _takes_all_numbers(schema: Schema) -> bool:
    types = json_types(schema)
    return "number" in types or not (types or checked_format(schema))


def _simple_integer(schema: Schema) -> tuple[int, int] | None:
    """The least and greatest whole number, when bounds are all there is to check for one."""
    if json_types(schema)[:1] != ("integer",) or schema.get("multipleOf") is not None:
        return None
    low, high = INT64_MIN, INT64_MAX
    minimum, maximum = schema.get("minimum"), schema.get("maximum")
    if minimum is not None:
        if not fits_int64(minimum):
            return None
        low = truncated(minimum) + bool(schema.get("exclusiveMinimum"))
    if maximum is not None:
        if not fits_int64(maximum):
            return None
        high = truncated(maximum) - bool(schema.get("exclusiveMaximum"))
    return low, high


def _list_checks(schema: Schema) -> list[Check]:
    checks: list[Check] = []
    minimum, maximum = schema.get("minItems"), schema.get("maxItems")
    if minimum is not None:
        checks.append(lambda value: len(value) >= minimum)
    if maximum is not None:
        checks.append(lambda value: len(value) <= maximum)
    if schema.get("uniqueItems"):
        checks.append(lambda value: not has_duplicates(value))
    item_schema = items(schema)
    item_check = None if item_schema is None else compile_check(item_schema)
    if item_schema is not None and item_check is not None:
        checks.append(_each_item(item_check, _plain_class(item_schema)))
    return checks


def _each_item(item_check: Check, plain: type | None) -> Check:
    def check(value: Any) -> bool:
        for item in value:  # noqa: SIM110 - a generator costs more than the loop
            if item.__class__ is not plain and not item_check(item):
                return False
        return True

    return check


def _plain_class(schema: Schema) -> type | None:
    """The class whose values need no further check."""
    cls = _PLAIN_CLASSES.get(schema.get("type", ""))
    return cls if cls is not None and _compile_for(schema, cls, _junctor_checks(schema)) is None else None


def _object_checks(schema: Schema) -> list[Check]:
    checks: list[Check] = []
    minimum, maximum = schema.get("minProperties"), schema.get("maxProperties")
    if minimum is not None:
        checks.append(lambda value: len(value) >= minimum)
    if maximum is not None:
        checks.append(lambda value: len(value) <= maximum)
    required = schema.get("required")
    if required:
        needed = frozenset(required)
        checks.append(lambda value: needed <= value.keys())
    members = _members_check(schema)
    if members is not None:
        checks.append(members)
    return checks


def _members_check(schema: Schema) -> Check | None:
    """The check of each member, declared or not."""
    declared = properties(schema)
    member_checks: dict[str, Check | None] = {}
    plain: dict[str, type] = {}
    for name, child in declared.items():
        member_checks[name] = compile_check(child)
        cls = _plain_class(child)
        if cls is not None:
            plain[name] = cls
    others = _others_check(schema)
    if others is None:
        member_checks = {name: check for name, check in member_checks.items() if check is not None}
        if not member_checks:
            return None
    get_check, get_plain = member_checks.get, plain.get

    def check(value: Any) -> bool:
        for name, member in value.items():
            if member.__class__ is get_plain(name):
                continue
            member_check = get_check(name, others)
            if member_check is not None and not member_check(member):
                return False
        return True

    return check


def _others_check(schema: Schema) -> Check | None:
    if schema.get("additionalProperties") is False:
        return _never
    child = additional_schema(schema)
    return None if child is None else compile_check(child)


def _junctor_checks(schema: Schema) -> list[Check]:
    checks: list[Check] = []
    for word, combine in (("anyOf", _any_of), ("oneOf", _one_of)):
        if schema.get(word):
            checks.append(combine(tuple(compile_check(s) or _always for s in schema[word])))
    for branch in schema.get("allOf", ()):
        compiled = compile_check(branch)
        if compiled is not None:
            checks.append(compiled)
    if schema.get("not") is not None:
        negated = compile_check(schema["not"]) or _always
        checks.append(lambda value: not negated(value))
    return checks


def _any_of(branches: tuple[Check, ...]) -> Check:
    return lambda value: any(branch(value) for branch in branches)


def _one_of(branches: tuple[Check, ...]) -> Check:
    return lambda value: sum(branch(value) for branch in branches) == 1
