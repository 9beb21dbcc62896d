"""Node selectors: how pods and volumes choose nodes (upstream: ValidateNodeSelector and its kin).

Next: `pod/validation/scheduling.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.names import name_is_dns_subdomain
from kubern.apimachinery.validation.labels import validate_label_name, validate_label_value

Object = Mapping[str, Any]


def validate_node_selector(selector: Object, path: Path, *, allow_invalid_label_value: bool = False) -> ErrorList:
    """At least one term, each of valid requirements."""
    terms = selector.get("nodeSelectorTerms") or ()
    at = path.child("nodeSelectorTerms")
    if not terms:
        return [field.required(at, "must have at least one node selector term")]
    errors: ErrorList = []
    for i, term in enumerate(terms):
        errors += validate_node_selector_term(term, at.index(i), allow_invalid_label_value)
    return errors


def validate_node_selector_term(term: Object, path: Path, allow_invalid_label_value: bool) -> ErrorList:
    errors: ErrorList = []
    for i, requirement in enumerate(term.get("matchExpressions") or ()):
        errors += _validate_expression(requirement, path.child("matchExpressions").index(i), allow_invalid_label_value)
    for i, requirement in enumerate(term.get("matchFields") or ()):
        errors += _validate_field(requirement, path.child("matchFields").index(i))
    return errors


def _validate_expression(requirement: Object, path: Path, allow_invalid_label_value: bool) -> ErrorList:
    errors: ErrorList = []
    operator, values = requirement.get("operator") or "", requirement.get("values") or []
    at = path.child("values")
    if operator in ("In", "NotIn"):
        if not values:
            errors.append(field.required(at, "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            errors.append(field.forbidden(at, detail))
    elif operator in ("Gt", "Lt"):
        if len(values) != 1:
            errors.append(field.required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'"))
    else:
        errors.append(field.invalid(path.child("operator"), operator, "not a valid selector operator"))
    errors += validate_label_name(requirement.get("key") or "", path.child("key"))
    if not allow_invalid_label_value:
        for i, value in enumerate(values):
            errors += validate_label_value(value, at.index(i))
    return errors


def _validate_field(requirement: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    operator, key = requirement.get("operator") or "", requirement.get("key") or ""
    values = requirement.get("values") or []
    if operator not in ("In", "NotIn"):
        errors.append(field.invalid(path.child("operator"), operator, "not a valid selector operator"))
    elif len(values) != 1:
        detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        errors.append(field.required(path.child("values"), detail))
    if key != "metadata.name":
        errors.append(field.invalid(path.child("key"), key, "not a valid field selector key"))
        return errors
    for i, value in enumerate(values):
        problems = name_is_dns_subdomain(value, False)
        errors += [field.invalid(path.child("values").index(i), value, m) for m in problems]
    return errors
