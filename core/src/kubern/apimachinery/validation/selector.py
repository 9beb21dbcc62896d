"""metav1.LabelSelector: its validation, its text form and what it matches.

Upstream: apis/meta/v1/validation and apis/meta/v1/helpers.go. Next: the kinds that select pods.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.labels import validate_label_name, validate_label_value, validate_labels

Selector = Mapping[str, Any]


def validate_label_selector(
    selector: Selector | None, path: Path, *, allow_invalid_label_value: bool = False
) -> ErrorList:
    """matchLabels, then matchExpressions; no selector has no problems."""
    if selector is None:
        return []
    errors = validate_labels(selector.get("matchLabels"), path.child("matchLabels"))
    for i, requirement in enumerate(selector.get("matchExpressions") or ()):
        at = path.child("matchExpressions").index(i)
        errors += validate_label_selector_requirement(requirement, at, allow_invalid_label_value)
    return errors


def validate_label_selector_requirement(
    requirement: Mapping[str, Any], path: Path, allow_invalid_label_value: bool = False
) -> ErrorList:
    """One key/operator/values triple."""
    errors: ErrorList = []
    values = requirement.get("values") or []
    operator = requirement.get("operator", "")
    if operator in ("In", "NotIn"):
        if not values:
            detail = "must be specified when `operator` is 'In' or 'NotIn'"
            errors.append(field.required(path.child("values"), detail))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            errors.append(field.forbidden(path.child("values"), detail))
    else:
        errors.append(field.invalid(path.child("operator"), operator, "not a valid selector operator"))
    errors += validate_label_name(requirement.get("key", ""), path.child("key"))
    if not allow_invalid_label_value:
        for i, value in enumerate(values):
            errors += validate_label_value(value, path.child("values").index(i))
    return errors


def is_empty_selector(selector: Selector) -> bool:
    """Whether a selector that is there selects everything."""
    return not selector.get("matchLabels") and not selector.get("matchExpressions")


def selector_matches(selector: Selector | None, labels: Mapping[str, str]) -> bool:
    """Whether `labels` fit; no selector fits nothing, an empty one everything."""
    if selector is None:
        return False
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    return all(_requirement_matches(r, labels) for r in selector.get("matchExpressions") or ())


def _requirement_matches(requirement: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    operator = requirement.get("operator")
    key = requirement.get("key", "")
    if operator == "In":
        return key in labels and labels[key] in (requirement.get("values") or ())
    if operator == "NotIn":
        return key not in labels or labels[key] not in (requirement.get("values") or ())
    if operator == "Exists":
        return key in labels
    return key not in labels


def format_label_selector(selector: Selector | None) -> str:
    """`a=b,c in (d,e),!f`, requirements sorted by key; `<none>` for no or an empty selector."""
    text = selector_text(selector)
    return text or "<none>"


def selector_text(selector: Selector | None) -> str:
    """As `format_label_selector`, but "" for no or an empty selector (upstream: labels.Selector.String)."""
    if selector is None:
        return ""
    parts = [(key, f"{key}={value}") for key, value in (selector.get("matchLabels") or {}).items()]
    parts += [(r.get("key", ""), _requirement_text(r)) for r in selector.get("matchExpressions") or ()]
    return ",".join(text for _, text in sorted(parts, key=lambda part: part[0]))


def _requirement_text(requirement: Mapping[str, Any]) -> str:
    key = requirement.get("key", "")
    operator = requirement.get("operator")
    if operator == "Exists":
        return str(key)
    if operator == "DoesNotExist":
        return f"!{key}"
    values = ",".join(sorted(requirement.get("values") or ()))
    return f"{key} {'in' if operator == 'In' else 'notin'} ({values})"
