"""metadata of kinds whose validation is the core group's (upstream: pkg/apis/core/validation.ValidateObjectMeta).

They hold unqualified finalizers to a short list. Next: `objectmeta.py`.
"""

from __future__ import annotations

from typing import Final

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.objectmeta import (
    METADATA,
    Meta,
    NameFunction,
    validate_finalizer_name,
    validate_object_meta,
)

STANDARD_FINALIZERS: Final = frozenset(("kubernetes", "orphan", "foregroundDeletion"))


def validate_kube_finalizer_name(name: str, path: Path) -> ErrorList:
    """An unqualified finalizer is one of the standard ones."""
    if "/" in name or name in STANDARD_FINALIZERS:
        return []
    return [field.invalid(path, name, "name is neither a standard finalizer name nor is it fully qualified")]


def validate_core_finalizer_name(name: str, path: Path) -> ErrorList:
    """A qualified name and, when unqualified, a standard one."""
    return validate_finalizer_name(name, path) + validate_kube_finalizer_name(name, path)


def validate_core_object_meta(
    meta: Meta, requires_namespace: bool, name_function: NameFunction, path: Path = METADATA
) -> ErrorList:
    """metadata of a new object of the core group and those that share its rules."""
    errors = validate_object_meta(meta, requires_namespace, name_function, path)
    finalizers = path.child("finalizers")
    for i, name in enumerate(meta.get("finalizers") or ()):
        errors += validate_kube_finalizer_name(name, finalizers.index(i))
    return errors
