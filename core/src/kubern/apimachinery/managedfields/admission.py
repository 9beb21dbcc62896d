"""Mutating admission may leave managedFields in a bad state: then they become what they were before.

Upstream: endpoints/handlers/fieldmanager/admission.go.
"""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.field import Path, aggregate_message
from kubern.apimachinery.managedfields.managed import Entry, decode
from kubern.apimachinery.validation.objectmeta import validate_managed_fields

_WARNING = (
    ".metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating "
    "admission controller; please fix your requests: "
)


def restore_invalid_entries(obj: dict[str, Any], before: list[Entry] | None) -> str:
    """Put `before` back into `obj` (in place) if its entries are invalid; the warning for the client, "" for none."""
    metadata = obj.get("metadata")
    entries = metadata.get("managedFields") if isinstance(metadata, dict) else None
    if not entries or entries is before or not isinstance(metadata, dict):
        return ""
    problem = _problem(entries)
    if not problem:
        return ""
    if before:
        metadata["managedFields"] = before
    else:
        del metadata["managedFields"]
    return _WARNING + problem


def _problem(entries: list[Entry]) -> str:
    errors = validate_managed_fields(entries, Path("metadata", "managedFields"))
    if errors:
        return aggregate_message(errors)
    try:
        decode(entries)
    except ValueError as error:
        return str(error)
    return ""
