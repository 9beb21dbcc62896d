"""Resource requests and limits of containers and pods (upstream: validateResourceRequirements and its kin)."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.quantity import Quantity
from kubern.apimachinery.validation.formats import validate_dns1123_label
from kubern_kubeapi.groups.core.pod.aggregate import aggregate, is_supported_pod_level_resource
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions
from kubern_kubeapi.groups.core.pod.validation.annotations import MIRROR_POD
from kubern_kubeapi.groups.core.resource_lists import (
    NameCheck,
    is_huge_page,
    is_huge_page_value_divisible,
    is_overcommit_allowed,
    parse_list,
    validate_container_resource_name,
    validate_resource_name,
    validate_resource_quantity_value,
)

Object = Mapping[str, Any]
Names = Set[str]
Quantities = Mapping[str, Quantity]
_COMPUTE = frozenset({"cpu", "memory"})


def validate_container_resources(
    requirements: Object | None, claim_names: Names, path: Path, options: PodValidationOptions
) -> ErrorList:
    """A container's `resources`; `claim_names` are the names in the pod's resourceClaims."""
    if not requirements:
        return []
    return _validate_requirements(requirements, validate_container_resource_name, claim_names, path, options)


def validate_overhead(overhead: Mapping[str, str], path: Path, options: PodValidationOptions) -> ErrorList:
    """The pod's `overhead`, judged as limits."""
    return _validate_requirements({"limits": overhead}, validate_container_resource_name, frozenset(), path, options)


def _validate_requirements(
    requirements: Object, name_check: NameCheck, claim_names: Names, path: Path, options: PodValidationOptions
) -> ErrorList:
    errors: ErrorList = []
    limits, requests = parse_list(requirements.get("limits")), parse_list(requirements.get("requests"))
    limits_path, requests_path = path.child("limits"), path.child("requests")
    for name, quantity in limits.items():
        errors += _validate_one(name, quantity, name_check, limits_path.key(name))
        errors += _validate_huge_page(name, quantity, limits_path.key(name), options)
    for name, quantity in requests.items():
        errors += _validate_one(name, quantity, name_check, requests_path.key(name))
        errors += _validate_against_limit(name, quantity, limits.get(name), path)
        errors += _validate_huge_page(name, quantity, requests_path.key(name), options)
    asked = limits.keys() | requests.keys()
    if any(map(is_huge_page, asked)) and not _COMPUTE & asked:
        errors.append(field.forbidden(path, "HugePages require cpu or memory"))
    return errors + _validate_claims(requirements.get("claims"), claim_names, path.child("claims"))


def _validate_one(name: str, quantity: Quantity, name_check: NameCheck, path: Path) -> ErrorList:
    return name_check(name, path) + validate_resource_quantity_value(name, quantity, path)


def _validate_huge_page(name: str, quantity: Quantity, path: Path, options: PodValidationOptions) -> ErrorList:
    if not is_huge_page(name) or options.allow_indivisible_huge_pages_values:
        return []
    if is_huge_page_value_divisible(name, quantity):
        return []
    return [field.invalid(path, str(quantity), f"{quantity} is not positive integer multiple of {name}")]


def _validate_against_limit(name: str, request: Quantity, limit: Quantity | None, path: Path) -> ErrorList:
    at = path.child("requests")
    overcommit = is_overcommit_allowed(name)
    if limit is None:
        if overcommit:
            return []
        return [field.required(path.child("limits"), "Limit must be set for non overcommitable resources")]
    if request != limit and not overcommit:
        return [field.invalid(at, str(request), f"must be equal to {name} limit of {limit}")]
    if request > limit:
        return [field.invalid(at, str(request), f"must be less than or equal to {name} limit of {limit}")]
    return []


def _validate_claims(claims: list[Object] | None, claim_names: Names, path: Path) -> ErrorList:
    """Each names one of the pod's resource claims, and none is named twice."""
    errors: ErrorList = []
    seen: set[str] = set()
    for i, claim in enumerate(claims or ()):
        at = path.index(i)
        name, request = claim.get("name") or "", claim.get("request") or ""
        if not name:
            errors.append(field.required(at))
            continue
        if name in seen:
            errors.append(field.duplicate(at, name))
        else:
            errors += _validate_claim_request(name, request, seen, at)
        if name not in claim_names:
            errors.append(_claim_not_found(name, claim_names, at))
    return errors


def _validate_claim_request(name: str, request: str, seen: set[str], path: Path) -> ErrorList:
    errors = validate_dns1123_label(request, path.child("request")) if request else []
    key = f"{name}/{request}" if request else name
    if key in seen:
        errors.append(field.duplicate(path, key))
    elif not request:
        errors += [field.duplicate(path, name) for other in seen if other.partition("/")[0] == name]
    seen.add(key)
    return errors


def _claim_not_found(name: str, claim_names: Names, path: Path) -> field.FieldError:
    error = field.not_found(path, name)
    listed = ": " + ", ".join(sorted(claim_names)) if claim_names else " which is empty"
    error.detail = "must be one of the names in pod.spec.resourceClaims" + listed
    return error


def validate_pod_resources(spec: Object, claim_names: Names, path: Path, options: PodValidationOptions) -> ErrorList:
    """The pod's own `resources`: no claims, and consistent with its containers'."""
    resources = spec.get("resources")
    if resources is None:
        return []
    if (spec.get("os") or {}).get("name") == "windows":
        return [field.forbidden(path, "may not be set for a windows pod")]
    errors: ErrorList = []
    if resources.get("claims") is not None:
        errors.append(field.forbidden(path.child("claims"), "claims may not be set for Resources at pod-level"))
    errors += _validate_requirements(resources, _validate_pod_resource_name, claim_names, path, options)
    return errors + _validate_pod_resource_consistency(spec, path)


def _validate_pod_resource_name(name: str, path: Path) -> ErrorList:
    errors = validate_resource_name(name, path)
    if errors or is_supported_pod_level_resource(name):
        return errors
    return [field.not_supported(path, name, ("cpu", "hugepages-", "memory"))]


def _validate_pod_resource_consistency(spec: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    requests = parse_list(spec["resources"].get("requests"))
    limits = parse_list(spec["resources"].get("limits"))
    for name, total in sorted(aggregate(spec, "requests").items()):
        if name in requests and total > requests[name]:
            detail = f"must be greater than or equal to aggregate container requests of {total}"
            errors.append(field.invalid(path.child("requests").key(name), str(requests[name]), detail))
    for name, total in sorted(aggregate(spec, "limits").items()):
        if is_huge_page(name) and name in limits and total > limits[name]:
            detail = f"must be greater than or equal to aggregate container limits of {total}"
            errors.append(field.invalid(path.child("limits").key(name), str(limits[name]), detail))
    for i, container in enumerate(spec.get("containers") or ()):
        for name, limit in parse_list((container.get("resources") or {}).get("limits")).items():
            if name in limits and limit > limits[name]:
                at = path.child("containers").index(i).key(name).child("limits")
                detail = f"must be less than or equal to pod limits of {limits[name]}"
                errors.append(field.invalid(at, str(limit), detail))
    return errors


def validate_pod_resource_claims(claims: list[Object] | None, pod_meta: Object | None, path: Path) -> ErrorList:
    """The pod's `resourceClaims` list; `pod_meta` is None in templates."""
    from kubern.apimachinery.names import name_is_dns_subdomain
    from kubern_kubeapi.groups.core.pod.internal_types import CORE_TYPES

    if MIRROR_POD in ((pod_meta or {}).get("annotations") or {}):
        return [field.forbidden(Path(""), "static pods do not support resource claims") for _ in claims or ()]
    errors: ErrorList = []
    seen: set[str] = set()
    for i, claim in enumerate(claims or ()):
        at = path.index(i)
        name = claim.get("name") or ""
        if not name:
            errors.append(field.required(at.child("name")))
        elif name in seen:
            errors.append(field.duplicate(at.child("name"), name))
        else:
            errors += validate_dns1123_label(name, at.child("name"))
            seen.add(name)
        claim_name, template = claim.get("resourceClaimName"), claim.get("resourceClaimTemplateName")
        if (claim_name is None) == (template is None):
            detail = (
                "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
                if claim_name is None
                else "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            )
            errors.append(field.invalid(at, CORE_TYPES.render("PodResourceClaim", claim), detail))
        for key in ("resourceClaimName", "resourceClaimTemplateName"):
            value = claim.get(key)
            if value is not None:
                errors += [field.invalid(at.child(key), value, m) for m in name_is_dns_subdomain(value, False)]
    return errors
