"""Names, in spec and in status (upstream: ValidateCustomResourceDefinitionNames). Next: `spec.py`."""

from __future__ import annotations

from typing import Final

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.names import is_dns1035_label
from kubern_apiextensions.api.crd import Object

_MIXED_CASE: Final = "may have mixed case, but should otherwise match: "


def _label_errors(value: str, path: Path) -> ErrorList:
    problems = is_dns1035_label(value)
    return [field.invalid(path, value, ",".join(problems))] if problems else []


def _kind_errors(value: str, path: Path) -> ErrorList:
    problems = is_dns1035_label(value.lower())
    return [field.invalid(path, value, _MIXED_CASE + ",".join(problems))] if problems else []


def validate_names(names: Object, path: Path) -> ErrorList:
    """What is named must be well-formed."""
    errors: ErrorList = []
    for name in ("plural", "singular"):
        if names.get(name):
            errors += _label_errors(names[name], path.child(name))
    for name in ("kind", "listKind"):
        if names.get(name):
            errors += _kind_errors(names[name], path.child(name))
    for i, short_name in enumerate(names.get("shortNames") or ()):
        errors += _label_errors(short_name, path.child("shortNames").index(i))
    if names.get("kind") and names["kind"] == names.get("listKind"):
        detail = "kind and listKind may not be the same"
        errors.append(field.invalid(path.child("listKind"), names["listKind"], detail))
    for i, category in enumerate(names.get("categories") or ()):
        errors += _label_errors(category, path.child("categories").index(i))
    return errors


def validate_required_names(names: Object, path: Path) -> ErrorList:
    """A spec names everything."""
    return [field.required(path.child(n)) for n in ("plural", "singular", "kind", "listKind") if not names.get(n)]
