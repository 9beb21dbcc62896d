"""Validation of a definition, new or changed (upstream: ValidateCustomResourceDefinition and ...Update).

Next: `spec.py`.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.names import name_is_dns_subdomain
from kubern.apimachinery.validation.objectmeta import validate_object_meta, validate_object_meta_update
from kubern.util.goquote import go_quote
from kubern_apiextensions.api import crd as crds
from kubern_apiextensions.api.crd import Object
from kubern_apiextensions.api.hub import HubSpec, to_hub
from kubern_apiextensions.api.validation.names import validate_names
from kubern_apiextensions.api.validation.options import ValidationOptions, options_for_update
from kubern_apiextensions.api.validation.spec import validate_spec, validate_spec_update
from kubern_apiextensions.schema.validation.uri import is_request_uri

_SPEC: Final = Path("spec")
_STATUS: Final = Path("status")
_APPROVAL: Final = Path("metadata", "annotations").key(crds.API_APPROVED_ANNOTATION)
_SEE: Final = "see https://github.com/kubernetes/enhancements/pull/1111"
_NEEDS_APPROVAL: Final = f'protected groups must have approval annotation "{crds.API_APPROVED_ANNOTATION}"'
_PROTECTED: Final = re.compile(r"(.*\.)?(k8s|kubernetes)\.io")


def name_problems(spec: Object, name: str, prefix: bool) -> list[str]:
    """A definition is named after its resource."""
    names = spec.get("names") or {}
    wanted = f"{names.get('plural', '')}.{spec.get('group', '')}"
    problems = name_is_dns_subdomain(name, prefix)
    return problems if name == wanted else [*problems, 'must be spec.names.plural+"."+spec.group']


def validate_crd(crd: Object) -> ErrorList:
    """Problems of a new, defaulted definition."""
    spec = crd["spec"]
    hub = to_hub(spec)
    errors = validate_object_meta(crd["metadata"], False, lambda name, prefix: name_problems(spec, name, prefix))
    errors += validate_spec(hub, ValidationOptions(), _SPEC)
    errors += validate_status(crd.get("status") or {})
    errors += validate_stored_versions(crd, hub)
    errors += validate_api_approval(crd, None)
    return errors + _validate_preserve_unknown_fields(hub, None)


def validate_crd_update(new: Object, old: Object) -> ErrorList:
    """Problems of a definition as the successor of `old`."""
    hub, old_hub = to_hub(new["spec"]), to_hub(old["spec"])
    options = options_for_update(hub, old_hub, old)
    errors = validate_object_meta_update(new["metadata"], old["metadata"])
    errors += validate_spec_update(hub, old_hub, options, _SPEC)
    errors += validate_status(new.get("status") or {})
    errors += validate_stored_versions(new, hub)
    errors += validate_api_approval(new, old)
    return errors + _validate_preserve_unknown_fields(hub, old_hub)


def validate_status_update(new: Object, old: Object) -> ErrorList:
    """Problems of a status written through its subresource."""
    return validate_object_meta_update(new["metadata"], old["metadata"]) + validate_status(new.get("status") or {})


def validate_status(status: Object) -> ErrorList:
    return validate_names(status.get("acceptedNames") or {}, _STATUS.child("acceptedNames"))


def validate_stored_versions(crd: Object, hub: HubSpec) -> ErrorList:
    """status.storedVersions holds the storage version, and nothing that is no version."""
    stored: list[str] | None = (crd.get("status") or {}).get("storedVersions")
    path = _STATUS.child("storedVersions")
    if not stored:
        return [field.invalid(path, stored, "must have at least one stored version")]
    errors: ErrorList = []
    left = {version: i for i, version in enumerate(stored)}
    for version in hub.versions:
        if version.storage and version.name not in left:
            errors.append(field.invalid(path, stored, "must have the storage version " + version.name))
        left.pop(version.name, None)
    for version_name, i in left.items():
        detail = (
            f"missing from spec.versions; {version_name} was previously a storage version, and must remain in "
            f"spec.versions until a storage migration ensures no data remains persisted in {version_name} and "
            f"removes {version_name} from status.storedVersions"
        )
        errors.append(field.invalid(path.index(i), version_name, detail))
    return errors


def is_protected_group(group: str) -> bool:
    """Groups of the Kubernetes community need an approval annotation."""
    return _PROTECTED.fullmatch(group) is not None


def api_approval(crd: Object) -> tuple[str, str]:
    """(state, reason); states are missing, bypassed, approved, invalid (upstream: GetAPIApprovalState)."""
    annotation = (crd["metadata"].get("annotations") or {}).get(crds.API_APPROVED_ANNOTATION, "")
    if not annotation:
        return "missing", f"{_NEEDS_APPROVAL}, {_SEE}"
    if annotation.startswith("unapproved"):
        return "bypassed", f"not approved: {go_quote(annotation)}"
    parts = urlsplit(annotation) if is_request_uri(annotation) else None
    if parts is not None and parts.scheme and parts.netloc:
        return "approved", f"approved in {annotation}"
    return "invalid", f'{_NEEDS_APPROVAL} with either a URL or a reason starting with "unapproved", {_SEE}'


def validate_api_approval(new: Object, old: Object | None) -> ErrorList:
    """The approval annotation of a protected group; an unchanged state is never refused."""
    if not is_protected_group(crds.group(new)):
        return []
    state, reason = api_approval(new)
    if state in ("approved", "bypassed") or (old is not None and api_approval(old)[0] == state):
        return []
    if state == "missing":
        return [field.required(_APPROVAL, reason)]
    return [field.invalid(_APPROVAL, new["metadata"]["annotations"][crds.API_APPROVED_ANNOTATION], reason)]


def _validate_preserve_unknown_fields(new: HubSpec, old: HubSpec | None) -> ErrorList:
    if not new.preserve_unknown_fields or (old is not None and old.preserve_unknown_fields):
        return []
    detail = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
    return [field.invalid(_SPEC.child("preserveUnknownFields"), True, detail)]
