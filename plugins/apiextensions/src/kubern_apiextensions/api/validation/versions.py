"""Parts of a version: deprecation, subresources, printer columns, selectable fields. Next: `schemas.py`."""

from __future__ import annotations

from typing import Final

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern_apiextensions.api.crd import Object
from kubern_apiextensions.api.hub import HubVersion
from kubern_apiextensions.api.validation.options import MAX_SELECTABLE_FIELDS, ValidationOptions
from kubern_apiextensions.api.validation.schemas import validate_schema_holder
from kubern_apiextensions.schema.fieldpath import FieldPathError, find_field

COLUMN_TYPES: Final = ("boolean", "date", "integer", "number", "string")
COLUMN_FORMATS: Final = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")
MAX_DEPRECATION_WARNING: Final = 256
_SELECTABLE_TYPES: Final = ("string", "boolean", "integer")


def has_status(subresources: Object | None) -> bool:
    return subresources is not None and subresources.get("status") is not None


def validate_version(version: HubVersion, status: bool, options: ValidationOptions, path: Path) -> ErrorList:
    """Problems of what a version has for itself."""
    errors = [
        field.invalid(path.child("deprecationWarning"), version.deprecation_warning, problem)
        for problem in _deprecation_problems(version.deprecated, version.deprecation_warning)
    ]
    errors += validate_schema_holder(version.schema, status, options, version.name, path.child("schema"))
    errors += validate_subresources(version.subresources, path.child("subresources"))
    errors += validate_columns(version.columns, path.child("additionalPrinterColumns"))
    at = path.child("selectableFields")
    return errors + validate_selectable_fields(version.selectable_fields, version.schema, at, options, version.name)


def _deprecation_problems(deprecated: bool, warning: str | None) -> list[str]:
    if warning is None:
        return []
    if not deprecated:
        return ["can only be set for deprecated versions"]
    problems = []
    if len(warning.encode()) > MAX_DEPRECATION_WARNING:
        problems.append("must be <= 256 characters long")
    if not warning:
        problems.append("must not be an empty string")
    position = 0
    for char in warning:
        if not (char == " " or char.isprintable()):
            what = f"must only contain printable UTF-8 characters; non-printable character found at index {position}"
            problems.append(what)
            break
        position += len(char.encode())
    return problems


def validate_columns(columns: list[Object], path: Path) -> ErrorList:
    """Printer columns (upstream: ValidateCustomResourceColumnDefinition)."""
    errors: ErrorList = []
    for i, column in enumerate(columns):
        errors += _validate_column(column, path.index(i))
    return errors


def _validate_column(column: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if not column.get("name"):
        errors.append(field.required(path.child("name")))
    types = "must be one of " + ",".join(COLUMN_TYPES)
    if not column.get("type"):
        errors.append(field.required(path.child("type"), types))
    elif column["type"] not in COLUMN_TYPES:
        errors.append(field.invalid(path.child("type"), column["type"], types))
    if column.get("format") and column["format"] not in COLUMN_FORMATS:
        detail = "must be one of " + ",".join(COLUMN_FORMATS)
        errors.append(field.invalid(path.child("format"), column["format"], detail))
    at = path.child("JSONPath")
    if not column.get("jsonPath"):
        errors.append(field.required(at))
    else:
        errors += _simple_json_path_errors(column["jsonPath"], at)
    return errors


def _simple_json_path_errors(text: str, path: Path) -> ErrorList:
    if text.startswith("."):
        return []
    return [field.invalid(path, text, "must be a simple json path starting with .")]


def validate_subresources(subresources: Object | None, path: Path) -> ErrorList:
    """Paths of the scale subresource."""
    scale = None if subresources is None else subresources.get("scale")
    if scale is None:
        return []
    errors: ErrorList = []
    for name, parent in (("specReplicasPath", ".spec."), ("statusReplicasPath", ".status.")):
        at = path.child("scale." + name)
        text = scale.get(name, "")
        if not text:
            errors.append(field.required(at))
        else:
            errors += _path_below_errors(text, (parent,), at, f"should be a json path under {parent[:-1]}")
    text = scale.get("labelSelectorPath")
    if text:
        at = path.child("scale.labelSelectorPath")
        detail = "should be a json path under either .spec or .status"
        errors += _path_below_errors(text, (".spec.", ".status."), at, detail)
    return errors


def _path_below_errors(text: str, parents: tuple[str, ...], path: Path, detail: str) -> ErrorList:
    errors = _simple_json_path_errors(text, path)
    if errors or text.startswith(parents):
        return errors
    return [field.invalid(path, text, detail)]


def validate_selectable_fields(
    fields: list[Object], schema: Object | None, path: Path, options: ValidationOptions, version: str
) -> ErrorList:
    """Fields for field selectors: declared scalars outside of metadata, each once; `version` is "" for shared ones."""
    if not fields:
        return []
    root = None if schema is None else schema.get("openAPIV3Schema")
    if root is None:
        detail = (
            "may only be set when validations.schema is included"
            if not version
            else "may only be set when `version.schema.openAPIV3Schema` is not included"
        )
        return [field.invalid(path, "", detail)]
    errors: ErrorList = []
    seen: set[str] = set()
    for i, selectable in enumerate(fields):
        errors += _validate_selectable_field(
            selectable.get("jsonPath", ""), root, path.index(i).child("jsonPath"), seen
        )
    if len(seen) > MAX_SELECTABLE_FIELDS and version not in options.too_many_selectable_fields:
        errors.append(field.too_many(path, len(seen), MAX_SELECTABLE_FIELDS))
    return errors


def _validate_selectable_field(text: str, root: Object, path: Path, seen: set[str]) -> ErrorList:
    if not text:
        return [field.required(path)]
    try:
        found, schema = find_field(text, root, array_notation=False)
    except FieldPathError as error:
        return [field.invalid(path, text, f"is an invalid path: {error}")]
    errors: ErrorList = []
    if found.startswith("metadata"):
        errors.append(field.invalid(path, text, "must not point to fields in metadata"))
    if schema.get("type") not in _SELECTABLE_TYPES:
        detail = (
            "must point to a field of type string, boolean or integer. Enum string fields and strings with formats "
            "are allowed."
        )
        errors.append(field.invalid(path, text, detail))
    if found in seen:
        errors.append(field.duplicate(path, text))
    seen.add(found)
    return errors
