"""metav1.Condition lists in a status (upstream: apis/meta/v1/validation.ValidateConditions). Next: kinds that have them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.names import regex_error
from kubern.apimachinery.validation.labels import validate_label_name

STATUSES: Final = ("False", "True", "Unknown")
MAX_REASON_LENGTH: Final = 1024
MAX_MESSAGE_LENGTH: Final = 32 * 1024
_REASON_FMT: Final = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?"
_REASON = re.compile(_REASON_FMT)
_REASON_MESSAGE: Final = (
    "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric "
    "characters or '_,:', and must end with an alphanumeric character or '_'"
)


def validate_conditions(conditions: Sequence[dict[str, Any]] | None, path: Path) -> ErrorList:
    """Each type once, each condition complete."""
    errors: ErrorList = []
    seen: set[str] = set()
    for i, condition in enumerate(conditions or ()):
        kind = condition.get("type", "")
        if kind in seen:
            errors.append(field.duplicate(path.index(i).child("type"), kind))
        seen.add(kind)
        errors += _validate_condition(condition, path.index(i))
    return errors


def _validate_condition(condition: dict[str, Any], path: Path) -> ErrorList:
    errors = validate_label_name(condition.get("type", ""), path.child("type"))
    status = condition.get("status", "")
    if status not in STATUSES:
        errors.append(field.not_supported(path.child("status"), status, STATUSES))
    generation = condition.get("observedGeneration", 0)
    if generation < 0:
        at = path.child("observedGeneration")
        errors.append(field.invalid(at, generation, "must be greater than or equal to zero"))
    if not condition.get("lastTransitionTime"):
        errors.append(field.required(path.child("lastTransitionTime"), "must be set"))
    errors += _validate_reason(condition.get("reason", ""), path.child("reason"))
    if len(condition.get("message", "").encode()) > MAX_MESSAGE_LENGTH:
        errors.append(field.too_long(path.child("message"), "", MAX_MESSAGE_LENGTH))
    return errors


def _validate_reason(reason: str, path: Path) -> ErrorList:
    if not reason:
        return [field.required(path, "must be set")]
    errors: ErrorList = []
    if not _REASON.fullmatch(reason):
        examples = ("my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB")
        errors.append(field.invalid(path, reason, regex_error(_REASON_MESSAGE, _REASON_FMT, *examples)))
    if len(reason.encode()) > MAX_REASON_LENGTH:
        errors.append(field.too_long(path, "", MAX_REASON_LENGTH))
    return errors
