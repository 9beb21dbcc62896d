"""The spec of claims, shared by PersistentVolumeClaims and the templates that pods and stateful sets hold.

Upstream: ValidatePersistentVolumeClaimSpec, ValidatePersistentVolumeClaimTemplate. Next: `persistentvolumeclaim.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.quantity import Quantity
from kubern.apimachinery.validation.labels import validate_labels
from kubern.apimachinery.validation.objectmeta import validate_annotations
from kubern.apimachinery.validation.selector import validate_label_selector
from kubern_kubeapi.groups.core.resource_lists import validate_positive_quantity, validate_resource_quantity_value

Object = Mapping[str, Any]
ACCESS_MODES = frozenset({"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"})
VOLUME_MODES = frozenset({"Block", "Filesystem"})
_TEMPLATE_META = (
    "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
    "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences", "finalizers", "managedFields",
)  # fmt: skip


def validate_template_meta(meta: Object, path: Path) -> ErrorList:
    """metadata of a template: labels and annotations alone (upstream: ValidateTemplateObjectMeta)."""
    errors = validate_annotations(meta.get("annotations"), path.child("annotations"))
    errors += validate_labels(meta.get("labels"), path.child("labels"))
    return errors + [field.forbidden(path.child(name), "cannot be set") for name in _TEMPLATE_META if meta.get(name)]


def validate_claim_template(template: Object, path: Path) -> ErrorList:
    """A volumeClaimTemplate of a pod's ephemeral volume: labels, annotations and a spec."""
    errors = validate_template_meta(template.get("metadata") or {}, path.child("metadata"))
    return errors + validate_claim_spec(template.get("spec") or {}, path.child("spec"))


def validate_access_modes(modes: list[str] | None, path: Path) -> ErrorList:
    """Known ones, and ReadWriteOncePod only alone."""
    errors: ErrorList = []
    modes = modes or []
    for mode in modes:
        if mode not in ACCESS_MODES:
            errors.append(field.not_supported(path, mode, ACCESS_MODES))
    if "ReadWriteOncePod" in modes and any(m in ACCESS_MODES and m != "ReadWriteOncePod" for m in modes):
        errors.append(field.forbidden(path, "may not use ReadWriteOncePod with other access modes"))
    return errors


def validate_claim_spec(
    spec: Object, path: Path, *, allow_invalid_label_value: bool = False, allow_invalid_api_group: bool = False
) -> ErrorList:
    """The spec of a claim."""
    errors: ErrorList = []
    modes = spec.get("accessModes")
    if not modes:
        errors.append(field.required(path.child("accessModes"), "at least 1 access mode is required"))
    selector = spec.get("selector")
    at = path.child("selector")
    errors += validate_label_selector(selector, at, allow_invalid_label_value=allow_invalid_label_value)
    errors += validate_access_modes(modes, path.child("accessModes"))
    errors += _validate_storage(((spec.get("resources") or {}).get("requests") or {}).get("storage"), path)
    errors += _validate_class(spec, "storageClassName", path)
    mode = spec.get("volumeMode")
    if mode is not None and mode not in VOLUME_MODES:
        errors.append(field.not_supported(path.child("volumeMode"), mode, VOLUME_MODES))
    errors += _validate_data_sources(spec, path, allow_invalid_api_group)
    return errors + _validate_class(spec, "volumeAttributesClassName", path)


def _validate_storage(text: str | None, path: Path) -> ErrorList:
    at = path.child("resources").key("storage")
    if text is None:
        return [field.required(at)]
    quantity = Quantity.parse(text)
    return validate_positive_quantity(quantity, at) or validate_resource_quantity_value("storage", quantity, at)


def _validate_class(spec: Object, name: str, path: Path) -> ErrorList:
    value = spec.get(name)
    if not value:
        return []
    return [field.invalid(path.child(name), value, m) for m in names.name_is_dns_subdomain(value, False)]


def _validate_data_sources(spec: Object, path: Path, allow_invalid_api_group: bool) -> ErrorList:
    errors: ErrorList = []
    source, ref = spec.get("dataSource"), spec.get("dataSourceRef")
    if source is not None:
        errors += _validate_data_source(source, path.child("dataSource"), allow_invalid_api_group)
    if ref is not None:
        errors += _validate_data_source(ref, path.child("dataSourceRef"), allow_invalid_api_group)
        namespace = ref.get("namespace")
        if namespace:
            at = path.child("dataSourceRef", "namespace")
            errors += [field.invalid(at, namespace, m) for m in names.name_is_dns_label(namespace, False)]
    if source is None or ref is None:
        return errors
    # Upstream puts the path itself into the message's value; it has no JSON but {}.
    if ref.get("namespace"):
        detail = "may not be specified when dataSourceRef.namespace is specified"
        errors.append(field.invalid(path, {}, detail))
    elif source.get("apiGroup") != ref.get("apiGroup") or any(
        (source.get(n) or "") != (ref.get(n) or "") for n in ("kind", "name")
    ):
        errors.append(field.invalid(path, {}, "must match dataSourceRef"))
    return errors


def _validate_data_source(source: Object, path: Path, allow_invalid_api_group: bool) -> ErrorList:
    errors: ErrorList = [field.required(path.child(name)) for name in ("name", "kind") if not source.get(name)]
    group, kind = source.get("apiGroup") or "", source.get("kind") or ""
    if not group and kind != "PersistentVolumeClaim":
        detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
        errors.append(field.invalid(path, kind, detail))
    if group and not allow_invalid_api_group:
        errors += [field.invalid(path.child("apiGroup"), group, m) for m in names.is_dns1123_subdomain(group)]
    return errors
