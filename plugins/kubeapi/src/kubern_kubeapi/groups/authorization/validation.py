"""Validation of access reviews (upstream: pkg/apis/authorization/validation). Next: `../../authorization/reviews.py`."""

from __future__ import annotations

from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.names import is_qualified_name, is_valid_label_value
from kubern_kubeapi.groups.gostruct import Catalog

Object = dict[str, Any]
_SPEC = Path("spec")
_INTERNAL = Catalog("NonResourceAttributes Path Verb")
_META_FIELDS = (
    "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
    "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers",
    "managedFields",
)  # fmt: skip
"""In the order in which Go prints them."""
_WITH_VALUES = ("In", "NotIn")
_WITHOUT_VALUES = ("Exists", "DoesNotExist")


def validate_self_review_spec(spec: Object) -> ErrorList:
    """The spec of a SelfSubjectAccessReview."""
    return _one_kind_of_attributes(spec) + _validate_resource_attributes(spec)


def validate_review_spec(spec: Object) -> ErrorList:
    """The spec of a SubjectAccessReview."""
    errors = _one_kind_of_attributes(spec)
    if not spec.get("user") and not spec.get("groups"):
        errors.append(field.invalid(_SPEC.child("user"), "", "at least one of user or group must be specified"))
    return errors + _validate_resource_attributes(spec)


def validate_self_review(review: Object) -> ErrorList:
    """A SelfSubjectAccessReview."""
    return validate_self_review_spec(review["spec"]) + _validate_metadata(review, (), "must be empty")


def validate_review(review: Object) -> ErrorList:
    """A SubjectAccessReview."""
    return validate_review_spec(review["spec"]) + _validate_metadata(review, (), "must be empty")


def validate_local_review(review: Object) -> ErrorList:
    """A LocalSubjectAccessReview."""
    spec = review["spec"]
    errors = validate_review_spec(spec)
    errors += _validate_metadata(review, ("namespace",), "must be empty except for namespace")
    resource = spec.get("resourceAttributes")
    if resource is not None and resource.get("namespace", "") != review["metadata"].get("namespace", ""):
        path = _SPEC.child("resourceAttributes", "namespace")
        errors.append(field.invalid(path, resource.get("namespace", ""), "must match metadata.namespace"))
    if spec.get("nonResourceAttributes") is not None:
        value = _INTERNAL.render("NonResourceAttributes", spec["nonResourceAttributes"])
        path = _SPEC.child("nonResourceAttributes")
        errors.append(field.invalid(path, value, "disallowed on this kind of request"))
    return errors


def _one_kind_of_attributes(spec: Object) -> ErrorList:
    resource, other = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is not None and other is not None:
        value = _INTERNAL.render("NonResourceAttributes", other)
        path = _SPEC.child("nonResourceAttributes")
        return [field.invalid(path, value, "cannot be specified in combination with resourceAttributes")]
    if resource is None and other is None:
        text = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        return [field.invalid(_SPEC.child("resourceAttributes"), None, text)]
    return []


def _validate_metadata(review: Object, allowed: tuple[str, ...], detail: str) -> ErrorList:
    meta = review["metadata"]
    if all(key in ("managedFields", *allowed) or not value for key, value in meta.items()):
        return []
    shown = {key: meta[key] for key in _META_FIELDS if meta.get(key)}
    return [field.invalid("metadata", shown, detail)]


def _validate_resource_attributes(spec: Object) -> ErrorList:
    attributes = spec.get("resourceAttributes")
    if attributes is None:
        return []
    path = _SPEC.child("resourceAttributes")
    errors: ErrorList = []
    for name, of_labels in (("fieldSelector", False), ("labelSelector", True)):
        if attributes.get(name) is not None:
            errors += _validate_selector(attributes[name], path.child(name), of_labels)
    return errors


def _validate_selector(selector: Object, path: Path, of_labels: bool) -> ErrorList:
    """Operators that are not known are let through: newer clients may know more of them."""
    raw, requirements = selector.get("rawSelector", ""), selector.get("requirements") or []
    errors: ErrorList = []
    if raw and requirements:
        text = "may not specified at the same time as requirements"
        errors.append(field.invalid(path.child("rawSelector"), raw, text))
    if not raw and not requirements:
        text = f"when {path} is specified, requirements or rawSelector is required"
        errors.append(field.required(path.child("requirements"), text))
    for i, requirement in enumerate(requirements):
        errors += _validate_requirement(requirement, path.child("requirements").index(i), of_labels)
    return errors


def _validate_requirement(requirement: Object, path: Path, of_labels: bool) -> ErrorList:
    errors: ErrorList = []
    key, operator, values = (requirement.get("key", ""), requirement.get("operator", ""), requirement.get("values"))
    if not of_labels and not key:
        errors.append(field.required(path.child("key"), "must be specified"))
    if operator in _WITH_VALUES and not values:
        text = "must be specified when `operator` is 'In' or 'NotIn'"
        errors.append(field.required(path.child("values"), text))
    if operator in _WITHOUT_VALUES and values:
        text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        errors.append(field.forbidden(path.child("values"), text))
    if of_labels:
        errors += [field.invalid(path.child("key"), key, problem) for problem in is_qualified_name(key)]
        for i, value in enumerate(values or ()):
            faults = is_valid_label_value(value)
            errors += [field.invalid(path.child("values").index(i), value, fault) for fault in faults]
    return errors
