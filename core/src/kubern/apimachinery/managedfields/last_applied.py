"""kubectl's client-side apply meets server-side apply: its annotation counts as ownership, and is kept up to date.

Only for the field manager `kubectl`. Upstream: lastappliedmanager.go, lastappliedupdater.go.
"""

from __future__ import annotations

from typing import Any

import orjson

from kubern.apimachinery.managedfields.compare import compare
from kubern.apimachinery.managedfields.elements import to_json
from kubern.apimachinery.managedfields.errors import TypedError
from kubern.apimachinery.managedfields.fieldset import FieldSet, difference
from kubern.apimachinery.managedfields.toset import to_field_set
from kubern.apimachinery.managedfields.types import Type
from kubern.apimachinery.managedfields.validate import validate

Object = dict[str, Any]
KUBECTL = "kubectl"
ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
_MAX_ANNOTATIONS_BYTES = 256 * 1024


def last_applied(obj: Object) -> str:
    """The annotation's value, "" for none."""
    annotations = (obj.get("metadata") or {}).get("annotations") or {}
    return annotations.get(ANNOTATION) or ""


def allowed_conflicts(type_: Type, live: Object, api_version: str) -> FieldSet | None:
    """The fields that client-side apply last set and that still hold, None when it cannot be told."""
    text = last_applied(live)
    try:
        applied = orjson.loads(text) if text else None
    except orjson.JSONDecodeError:
        return None
    if not isinstance(applied, dict) or applied.get("apiVersion") != api_version:
        return None
    try:
        validate(type_, applied)
        changed, removed = compare(type_, applied, live)
        return difference(difference(to_field_set(type_, applied), changed), removed)
    except TypedError:
        return None


def with_last_applied(obj: Object, patch: Object) -> Object:
    """`obj` with the annotation saying what was applied; without it when the annotations would grow too large."""
    metadata = obj["metadata"]
    annotations = {**metadata["annotations"], ANNOTATION: _build(patch)}
    if sum(len(k.encode()) + len(v.encode()) for k, v in annotations.items()) > _MAX_ANNOTATIONS_BYTES:
        del annotations[ANNOTATION]
    return {**obj, "metadata": {**metadata, "annotations": annotations}}


def _build(patch: Object) -> str:
    metadata = patch.get("metadata") or {}
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict):
        annotations = {k: v for k, v in annotations.items() if k != ANNOTATION}
        patch = {**patch, "metadata": {**metadata, "annotations": annotations}}
    return to_json(patch) + "\n"
