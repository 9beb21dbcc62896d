"""Types and equality of single values (upstream: kube-openapi validate/type.go and validator.go's enum).

Next: `checks.py` and `errors.py`.
"""

from __future__ import annotations

from typing import Any, Final

from kubern_apiextensions.schema.structural import Schema, json_types
from kubern_apiextensions.schema.validation.formats import find_format
from kubern_apiextensions.schema.validation.numbers import is_json_integer

_TYPES: Final[dict[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
}
_NATIVE_FORMATS: Final = {"integer": "int64", "number": "float64"}
_NUMERIC: Final = frozenset({"integer", "number"})


def json_type(value: Any) -> str:
    """The JSON type of a value as schemas name it; "null" for None."""
    return _TYPES.get(value.__class__, "null")


def checked_format(schema: Schema) -> str:
    """The schema's format if it is one that is checked, else ""."""
    name: str = schema.get("format", "")
    return name if name and find_format(name) is not None else ""


def type_error(schema: Schema, value: Any) -> tuple[str, str] | None:
    """(what is wanted, what was found) when the value's type does not fit; None when it does.

    `value` is not None and numbers are normal (`numbers.py::normal`).
    """
    types = json_types(schema)
    format_ = checked_format(schema)
    if not types and not format_:
        return None
    found = json_type(value)
    fits = found in types or _fits_as_number(value, found, types)
    if found not in ("string", "array"):
        if format_ and not fits:
            return format_, _NATIVE_FORMATS.get(found, "")
    elif format_ and not _NUMERIC.intersection(types):
        return None
    return None if fits else (",".join(types), found)


def _fits_as_number(value: Any, found: str, types: tuple[str, ...]) -> bool:
    if found == "number":
        return "integer" in types and is_json_integer(value)
    return found == "integer" and "number" in types


def equals_enum_value(value: Any, allowed: Any) -> bool:
    """Equality as Go has it after converting `value` to the type of `allowed`."""
    if allowed is None or value is None:
        return False
    kind, wanted = value.__class__, allowed.__class__
    if kind is wanted:
        return bool(value == allowed)
    if kind is float and wanted is int:
        return bool(int(value) == allowed)
    if kind is int and wanted is float:
        return bool(float(value) == allowed)
    return False
