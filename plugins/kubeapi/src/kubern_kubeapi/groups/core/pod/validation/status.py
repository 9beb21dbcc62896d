"""Pod status as kubelets report it (upstream: ValidatePodStatusUpdate).

Next: `container_status.py` for what it says of containers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.formats import validate_dns1123_label, validate_qualified_name
from kubern.apimachinery.validation.ip import is_dual_stack_ips, is_valid_ip_for_legacy_field
from kubern.apimachinery.validation.objectmeta import validate_immutable
from kubern_kubeapi.groups.core.pod.internal_types import CORE_TYPES
from kubern_kubeapi.groups.core.pod.validation.annotations import validate_pod_annotations_update
from kubern_kubeapi.groups.core.pod.validation.container_status import (
    validate_container_statuses,
    validate_state_transitions,
)
from kubern_kubeapi.groups.core.pod.validation.pod import ANNOTATIONS, annotations_of
from kubern_kubeapi.groups.objectmeta import validate_object_meta_update

Object = Mapping[str, Any]
STATUS = Path("status")
_SYSTEM_CONDITIONS = frozenset({"PodScheduled", "Ready", "Initialized"})
_IS_NEGATIVE = "must be a non-negative integer"


def validate_pod_status_update(pod: Object, old: Object) -> ErrorList:
    """A changed status."""
    spec, old_spec = pod.get("spec") or {}, old.get("spec") or {}
    status, old_status = pod.get("status") or {}, old.get("status") or {}
    errors = validate_object_meta_update(pod["metadata"], old["metadata"])
    errors += validate_pod_annotations_update(annotations_of(pod), annotations_of(old), spec, ANNOTATIONS)
    errors += _validate_conditions(status.get("conditions"), STATUS.child("conditions"))
    if spec.get("nodeName") != old_spec.get("nodeName"):
        errors.append(field.forbidden(STATUS.child("nodeName"), "may not be changed directly"))
    errors += _validate_nominated_node(status, old_status, old_spec)
    errors += _validate_generation(status, STATUS)
    qos = status.get("qosClass") or ""
    errors += validate_immutable(qos, old_status.get("qosClass") or "", STATUS.child("qosClass"))
    errors += validate_state_transitions(status, old_status, old_spec, STATUS)
    errors += _validate_claim_statuses(status.get("resourceClaimStatuses"), spec, STATUS.child("resourceClaimStatuses"))
    extended = status.get("extendedResourceClaimStatus")
    errors += _validate_extended_claim(extended, spec, STATUS.child("extendedResourceClaimStatus"))
    errors += _validate_ips(status.get("podIPs"), old_status.get("podIPs"), "PodIP", STATUS.child("podIPs"))
    errors += _validate_host_ips(status, old_status)
    return errors + validate_container_statuses(status, spec, STATUS)


def _validate_generation(holder: Object, path: Path) -> ErrorList:
    """observedGeneration of the status or of a condition."""
    generation = holder.get("observedGeneration") or 0
    return [field.invalid(path.child("observedGeneration"), generation, _IS_NEGATIVE)] if generation < 0 else []


def _validate_conditions(conditions: list[Object] | None, path: Path) -> ErrorList:
    errors: ErrorList = []
    for i, condition in enumerate(conditions or ()):
        errors += _validate_generation(condition, path.index(i))
        kind = condition.get("type") or ""
        if kind not in _SYSTEM_CONDITIONS:
            errors += validate_qualified_name(kind, path.index(i).child("Type"))
    return errors


def _validate_nominated_node(status: Object, old_status: Object, old_spec: Object) -> ErrorList:
    """A node's name, and none for pods that have their node."""
    nominated = status.get("nominatedNodeName")
    if not nominated or nominated == old_status.get("nominatedNodeName"):
        return []
    at = STATUS.child("nominatedNodeName")
    errors: ErrorList = [field.invalid(at, nominated, m) for m in names.name_is_dns_subdomain(nominated, False)]
    if old_spec.get("nodeName"):
        errors.append(field.forbidden(at, "may not be set on pods that are already bound to a node"))
    return errors


def _validate_claim_statuses(statuses: list[Object] | None, spec: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    claims = {claim.get("name") for claim in spec.get("resourceClaims") or ()}
    seen: set[str] = set()
    for i, status in enumerate(statuses or ()):
        at = path.index(i).child("name")
        name = status.get("name") or ""
        if name not in claims:
            errors.append(field.invalid(at, name, "must match the name of an entry in `spec.resourceClaims`"))
        if name in seen:
            errors.append(field.duplicate(at, name))
        seen.add(name)
        claim = status.get("resourceClaimName")
        if claim is not None:
            errors += [field.invalid(at, claim, m) for m in names.name_is_dns_subdomain(claim, False)]
    return errors


def _validate_extended_claim(status: Object | None, spec: Object, path: Path) -> ErrorList:
    """extendedResourceClaimStatus: which containers' extended resources which requests of a claim stand for."""
    if status is None:
        return []
    errors: ErrorList = []
    at = path.child("requestMappings")
    mappings = status.get("requestMappings") or ()
    if not mappings:
        errors.append(field.required(at, "at least one request mapping is required"))
    seen: set[tuple[str, ...]] = set()
    for i, mapping in enumerate(mappings):
        errors += _validate_request_mapping(mapping, spec, at.index(i))
        errors += validate_dns1123_label(mapping.get("requestName") or "", path.child("requestName"))
        key = tuple(mapping.get(name) or "" for name in _MAPPING_KEYS)
        if key in seen:
            errors += [field.duplicate(at.index(i).child(n), v) for n, v in zip(_MAPPING_KEYS, key, strict=True)]
        seen.add(key)
    claim = status.get("resourceClaimName") or ""
    at = path.child("resourceClaimName")
    if not claim:
        errors.append(field.required(at))
    else:
        errors += [field.invalid(at, claim, m) for m in names.name_is_dns_subdomain(claim, False)]
    return errors


_MAPPING_KEYS = ("containerName", "resourceName", "requestName")


def _validate_request_mapping(mapping: Object, spec: Object, path: Path) -> ErrorList:
    """The container is one of the pod's and asks for the resource."""
    containers = {c.get("name") or "": c for kind in ("initContainers", "containers") for c in spec.get(kind) or ()}
    name, resource = mapping.get("containerName") or "", mapping.get("resourceName") or ""
    container = containers.get(name)
    if container is None:
        detail = "must match the name of an entry in spec.initContainers.name or spec.containers.name"
        return [field.invalid(path.child("containerName"), name, detail)]
    if resource in ((container.get("resources") or {}).get("requests") or {}):
        return []
    detail = (
        "must match the extended resource name of an entry in spec.initContainers.resources.requests or "
        "spec.containers.resources.requests"
    )
    return [field.invalid(path.child("resourceName"), resource, detail)]


def _validate_ips(ips: list[Object] | None, old: list[Object] | None, kind: str, path: Path) -> ErrorList:
    """Addresses, at most one of each family; those that were there already may be odd."""
    texts = [ip.get("ip") or "" for ip in ips or ()]
    existing = [ip.get("ip") or "" for ip in old or ()]
    errors: ErrorList = []
    for i, text in enumerate(texts):
        errors += is_valid_ip_for_legacy_field(path.index(i), text, existing)
    if len(texts) > 1:
        errors += _validate_families(texts, ips or [], kind, path)
    return errors


def _validate_families(texts: list[str], ips: list[Object], kind: str, path: Path) -> ErrorList:
    errors: ErrorList = []
    try:
        dual = is_dual_stack_ips(texts)
    except ValueError as error:
        errors.append(field.internal_error(path, f"failed to check for dual stack with error:{error}"))
        dual = False
    if not dual or len(texts) > 2:
        shown = CORE_TYPES.render_list(kind, ips)
        errors.append(field.invalid(path, shown, "may specify no more than one IP for each IP family"))
    return errors


def _validate_host_ips(status: Object, old_status: Object) -> ErrorList:
    ips = status.get("hostIPs") or []
    if not ips:
        return []
    errors: ErrorList = []
    path = STATUS.child("hostIPs")
    first = ips[0].get("ip") or ""
    if (status.get("hostIP") or "") != first:
        errors.append(field.invalid(path.index(0).child("ip"), first, "must be equal to `hostIP`"))
    return errors + _validate_ips(ips, old_status.get("hostIPs"), "HostIP", path)
