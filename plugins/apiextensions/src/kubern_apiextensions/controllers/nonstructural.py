"""Definitions from before schemas had to be structural are marked (upstream: nonstructuralschema_controller.go)."""

from __future__ import annotations

from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path, aggregate_message
from kubern_apiextensions.api import crd as crds

Object = dict[str, Any]


def violations(crd: Object) -> ErrorList:
    """What of the schemas is not structural."""
    from kubern_apiextensions.api.validation.structural import validate_structural

    errors: ErrorList = []
    if crd["spec"].get("preserveUnknownFields"):
        errors.append(field.invalid(Path("spec", "preserveUnknownFields"), True, "must be false"))
    for i, version in enumerate(crds.versions(crd)):
        schema = (version.get("schema") or {}).get("openAPIV3Schema")
        if schema is not None:
            errors += validate_structural(schema, Path("spec", "versions").index(i).child("schema", "openAPIV3Schema"))
    return errors


def judge(crd: Object) -> None:
    """Set or remove the condition in place."""
    errors = violations(crd)
    if errors:
        crds.set_condition(crd, crds.NON_STRUCTURAL_SCHEMA, "True", "Violations", aggregate_message(errors))
    else:
        crds.remove_condition(crd, crds.NON_STRUCTURAL_SCHEMA)
