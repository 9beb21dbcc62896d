"""metadata's validation as the built-in kinds do it: finalizers without a domain must be well known.

Upstream: the wrappers in pkg/apis/core/validation that every built-in group calls. Next:
`kubern/apimachinery/validation/objectmeta.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation import objectmeta
from kubern.apimachinery.validation.coremeta import validate_kube_finalizer_name
from kubern.apimachinery.validation.objectmeta import METADATA, NameFunction

Meta = Mapping[str, Any]


def validate_object_meta(
    meta: Meta, requires_namespace: bool, name_function: NameFunction, path: Path = METADATA
) -> ErrorList:
    """metadata of a new built-in object."""
    errors = objectmeta.validate_object_meta(meta, requires_namespace, name_function, path)
    return errors + _validate_finalizers(meta, path)


def validate_object_meta_with_opts(
    meta: Meta, is_namespaced: bool, name_function: NameFunction, path: Path = METADATA
) -> ErrorList:
    """As `validate_object_meta`, for the kinds whose generateName is judged by the name it gave only."""
    errors = objectmeta.validate_object_meta_with_opts(meta, is_namespaced, name_function, path)
    return errors + _validate_finalizers(meta, path)


def validate_object_meta_update(new: Meta, old: Meta, path: Path = METADATA) -> ErrorList:
    """metadata of `new` as the successor of `old`."""
    return objectmeta.validate_object_meta_update(new, old, path) + _validate_finalizers(new, path)


def _validate_finalizers(meta: Meta, path: Path) -> ErrorList:
    errors: ErrorList = []
    for i, name in enumerate(meta.get("finalizers") or ()):
        errors += validate_kube_finalizer_name(name, path.child("finalizers").index(i))
    return errors
