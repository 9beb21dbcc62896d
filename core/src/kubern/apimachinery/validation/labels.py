"""Labels: keys are qualified names, values short identifiers (upstream: apis/meta/v1/validation).

Next: `selector.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path


def validate_label_name(name: str, path: Path) -> ErrorList:
    """A label key."""
    return [field.invalid(path, name, message) for message in names.is_qualified_name(name)]


def validate_label_value(value: str, path: Path) -> ErrorList:
    return [field.invalid(path, value, message) for message in names.is_valid_label_value(value)]


def validate_labels(labels: Mapping[str, str] | None, path: Path) -> ErrorList:
    """A map of labels; problems of all keys and values are reported at the map itself."""
    if not labels or all(names.is_label(key, value) for key, value in labels.items()):
        return []
    errors: ErrorList = []
    for key in sorted(labels):
        errors += validate_label_name(key, path)
        errors += validate_label_value(labels[key], path)
    return errors
