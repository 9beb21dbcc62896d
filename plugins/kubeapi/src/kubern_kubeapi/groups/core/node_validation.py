"""Rules of nodes (upstream: ValidateNode, ValidateNodeUpdate). Next: `node.py`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.formats import IS_NOT_POSITIVE
from kubern.apimachinery.validation.ip import is_dual_stack_cidrs, is_valid_cidr_for_legacy_field
from kubern.apimachinery.validation.labels import validate_label_name
from kubern.apimachinery.validation.net import parse_cidr
from kubern.util.gojson import JSONSyntaxError, decode
from kubern.util.goquote import go_quote
from kubern_kubeapi.groups.core.pod.internal_types import CORE_TYPES
from kubern_kubeapi.groups.core.pod.validation.annotations import decode_objects
from kubern_kubeapi.groups.core.pod.validation.scheduling import validate_taint_effect
from kubern_kubeapi.groups.core.resource_lists import parse_list, validate_resource_quantity_value
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

Object = dict[str, Any]
METADATA = Path("metadata")
SPEC = Path("spec")
STATUS = Path("status")
TAINTS = "scheduler.alpha.kubernetes.io/taints"
AVOID_PODS = "scheduler.alpha.kubernetes.io/preferAvoidPods"
_POD_CIDRS = SPEC.child("podCIDRs")
_MAX_FEATURE = 253
_FEATURE = re.compile(r"[A-Z][a-zA-Z0-9]*(/[a-zA-Z][a-zA-Z0-9]*)*", re.ASCII)
_FEATURE_FORM = (
    "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or "
    "MyFeature/mySubFeature), and contain only alphanumeric characters and slashes"
)
_SET_ONCE = 'node updates may not change {} except from "" to valid'


def validate_node(node: Object) -> ErrorList:
    """A new node; its status may come with it."""
    meta, spec, status = node["metadata"], node.get("spec") or {}, node.get("status") or {}
    errors = validate_object_meta(meta, False, names.name_is_dns_subdomain)
    errors += _validate_annotations(meta.get("annotations") or {})
    errors += _validate_taints(spec.get("taints"), METADATA.child("taints"))
    errors += _validate_resources(status)
    swap = ((status.get("nodeInfo") or {}).get("swap") or {}).get("capacity")
    if swap is not None and swap <= 0:
        errors.append(field.invalid(METADATA.child("nodeSwapStatus", "capacity"), swap, IS_NOT_POSITIVE))
    errors += _validate_declared_features(status.get("declaredFeatures") or ())
    return errors + _validate_pod_cidrs(spec.get("podCIDRs") or [])


def validate_node_update(node: Object, old: Object) -> ErrorList:
    """`node` as the successor of `old`, of both the node and its status."""
    spec, old_spec, status = node.get("spec") or {}, old.get("spec") or {}, node.get("status") or {}
    errors = validate_object_meta_update(node["metadata"], old["metadata"])
    errors += _validate_annotations(node["metadata"].get("annotations") or {})
    errors += _validate_resources(status)
    errors += _validate_declared_features(status.get("declaredFeatures") or ())
    errors += _validate_addresses(status.get("addresses") or ())
    errors += _validate_assigned_once(spec, old_spec)
    errors += _validate_taints(spec.get("taints"), METADATA.child("taints"))
    if (spec.get("externalID") or "") != (old_spec.get("externalID") or ""):
        errors.append(field.forbidden(SPEC.child("externalID"), "may not be updated"))
    return errors


def _validate_assigned_once(spec: Object, old: Object) -> ErrorList:
    """Pod ranges and the provider's name are given once."""
    errors: ErrorList = []
    cidrs, old_cidrs = spec.get("podCIDRs") or [], old.get("podCIDRs") or []
    if old_cidrs:
        if len(cidrs) != len(old_cidrs):
            changed = 1
        else:
            changed = sum(a != b for a, b in zip(cidrs, old_cidrs, strict=True))
        errors += [field.forbidden(_POD_CIDRS, _SET_ONCE.format("podCIDR"))] * changed
    if old.get("providerID") and spec.get("providerID") != old["providerID"]:
        errors.append(field.forbidden(SPEC.child("providerID"), _SET_ONCE.format("providerID")))
    return errors


def _validate_taints(taints: Iterable[Mapping[str, Any]] | None, path: Path) -> ErrorList:
    errors: ErrorList = []
    seen: set[tuple[str, str]] = set()
    for i, taint in enumerate(taints or ()):
        at = path.index(i)
        key, value, effect = (taint.get(name) or "" for name in ("key", "value", "effect"))
        errors += validate_label_name(key, at.child("key"))
        problems = names.is_valid_label_value(value)
        if problems:
            errors.append(field.invalid(at.child("value"), value, ";".join(problems)))
        errors += validate_taint_effect(effect, at.child("effect"), allow_empty=False)
        if (key, effect) in seen:
            error = field.duplicate(at, CORE_TYPES.render("Taint", taint))
            error.detail = "taints must be unique by key and effect pair"
            errors.append(error)
        seen.add((key, effect))
    return errors


def _validate_resources(status: Mapping[str, Any]) -> ErrorList:
    errors: ErrorList = []
    for name in ("capacity", "allocatable"):
        for resource, quantity in parse_list(status.get(name)).items():
            errors += validate_resource_quantity_value(resource, quantity, STATUS.child(name, resource))
    return errors


def _validate_declared_features(features: Iterable[str]) -> ErrorList:
    """Names in sorted order, each once."""
    errors: ErrorList = []
    before: str | None = None
    for i, name in enumerate(features):
        at = STATUS.child("declaredFeatures").index(i)
        problem = "" if len(name.encode()) <= _MAX_FEATURE else "must be no more than 253 characters"
        if not problem and not _FEATURE.fullmatch(name):
            problem = _FEATURE_FORM
        if problem:
            errors.append(field.invalid(at, name, f"invalid feature name {go_quote(name)}: {problem}"))
        if name == before:
            errors.append(field.duplicate(at, name))
        elif before is not None and name.encode() < before.encode():
            errors.append(field.invalid(at, name, "list must be sorted alphabetically"))
        before = name
    return errors


def _validate_addresses(addresses: Any) -> ErrorList:
    errors: ErrorList = []
    seen: set[tuple[str, str]] = set()
    for i, address in enumerate(addresses):
        key = (address.get("type") or "", address.get("address") or "")
        if key in seen:
            shown = {"Type": key[0], "Address": key[1]}
            errors.append(field.duplicate(STATUS.child("addresses").index(i), shown))
        seen.add(key)
    return errors


def _validate_pod_cidrs(cidrs: list[str]) -> ErrorList:
    """At most one range of each family."""
    errors: ErrorList = []
    for i, cidr in enumerate(cidrs):
        errors += is_valid_cidr_for_legacy_field(_POD_CIDRS.index(i), cidr)
    if len(cidrs) < 2:
        return errors
    bad = next((cidr for cidr in cidrs if parse_cidr(cidr) is None), None)
    if bad is not None:
        cause = f"failed to parse cidr value:{go_quote(bad)} with error:invalid CIDR address: {bad}"
        detail = f"invalid PodCIDRs. failed to check with dual stack with error:{cause}"
        errors.append(field.internal_error(_POD_CIDRS, detail))
    if bad is not None or len(cidrs) > 2 or not is_dual_stack_cidrs(cidrs):
        errors.append(field.invalid(_POD_CIDRS, cidrs, "may specify no more than one CIDR for each IP family"))
    return errors


def _validate_annotations(annotations: Mapping[str, str]) -> ErrorList:
    """Taints as they were before they had a field, and the pods of certain controllers that are to stay away."""
    path = METADATA.child("annotations")
    errors: ErrorList = []
    if annotations.get(TAINTS):
        try:
            errors += _validate_taints(decode_objects(annotations[TAINTS], "core.Taint"), path.child(TAINTS))
        except ValueError as error:
            errors.append(field.invalid(path, TAINTS, str(error)))
    return errors + _validate_avoided(annotations.get(AVOID_PODS), path)


def _validate_avoided(text: str | None, path: Path) -> ErrorList:
    if not text:
        return []
    try:
        avoided = decode(text.encode())
    except JSONSyntaxError as error:
        return [field.invalid(path.child("AvoidPods"), AVOID_PODS, str(error))]
    errors: ErrorList = []
    entries = avoided.get("preferAvoidPods") if isinstance(avoided, dict) else None
    for i, entry in enumerate(entries or ()):
        at = path.child(AVOID_PODS).index(i).child("PodSignature")
        controller = (entry.get("podSignature") or {}).get("podController")
        if controller is None:
            errors.append(field.required(at))
        elif controller.get("controller") is not True:
            detail = "must point to a controller"
            errors.append(field.invalid(at.child("PodController", "Controller"), False, detail))
    return errors
