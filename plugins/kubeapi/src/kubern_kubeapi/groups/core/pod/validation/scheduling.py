"""Where a pod may run: affinity, tolerations, topology spread, gates (upstream: validateAffinity and its kin)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.formats import IS_NOT_POSITIVE, validate_qualified_name
from kubern.apimachinery.validation.labels import validate_label_name
from kubern.apimachinery.validation.selector import validate_label_selector
from kubern_kubeapi.groups.core.node_selector import validate_node_selector, validate_node_selector_term
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions

Object = Mapping[str, Any]
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
TAINT_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_WHEN_UNSATISFIABLE = frozenset({"DoNotSchedule", "ScheduleAnyway"})
_NODE_POLICIES = frozenset({"Honor", "Ignore"})


def validate_affinity(affinity: Object | None, path: Path, options: PodValidationOptions) -> ErrorList:
    """spec.affinity."""
    errors: ErrorList = []
    node = (affinity or {}).get("nodeAffinity")
    if node is not None:
        errors += _validate_node_affinity(node, path.child("nodeAffinity"), options)
    for name in ("podAffinity", "podAntiAffinity"):
        group = (affinity or {}).get(name)
        if group is not None:
            errors += _validate_pod_affinity(group, path.child(name), options)
    return errors


def _validate_node_affinity(affinity: Object, path: Path, options: PodValidationOptions) -> ErrorList:
    errors: ErrorList = []
    required = affinity.get(_REQUIRED)
    if required is not None:
        allow = options.allow_invalid_label_value_in_required_node_affinity
        errors += validate_node_selector(required, path.child(_REQUIRED), allow_invalid_label_value=allow)
    for i, term in enumerate(affinity.get(_PREFERRED) or ()):
        at = path.child(_PREFERRED).index(i)
        errors += _validate_weight(term, at)
        errors += validate_node_selector_term(term.get("preference") or {}, at.child("preference"), True)
    return errors


def _validate_weight(term: Object, path: Path) -> ErrorList:
    weight = term.get("weight") or 0
    return [] if 1 <= weight <= 100 else [field.invalid(path.child("weight"), weight, "must be in the range 1-100")]


def _validate_pod_affinity(affinity: Object, path: Path, options: PodValidationOptions) -> ErrorList:
    errors: ErrorList = []
    for i, term in enumerate(affinity.get(_REQUIRED) or ()):
        errors += _validate_pod_affinity_term(term, path.child(_REQUIRED).index(i), options)
    for i, weighted in enumerate(affinity.get(_PREFERRED) or ()):
        at = path.child(_PREFERRED).index(i)
        errors += _validate_weight(weighted, at)
        term = weighted.get("podAffinityTerm") or {}
        errors += _validate_pod_affinity_term(term, at.child("podAffinityTerm"), options)
    return errors


def _validate_pod_affinity_term(term: Object, path: Path, options: PodValidationOptions) -> ErrorList:
    errors: ErrorList = []
    allow = options.allow_invalid_label_value_in_selector
    for name in ("labelSelector", "namespaceSelector"):
        errors += validate_label_selector(term.get(name), path.child(name), allow_invalid_label_value=allow)
    for namespace in term.get("namespaces") or ():
        problems = names.name_is_dns_label(namespace, False)
        errors += [field.invalid(path.child("namespace"), namespace, m) for m in problems]
    errors += _validate_match_label_keys(term, path)
    topology_key = term.get("topologyKey") or ""
    at = path.child("topologyKey")
    if not topology_key:
        errors.append(field.required(at, "can not be empty"))
    return errors + validate_label_name(topology_key, at)


def _validate_match_label_keys(term: Object, path: Path) -> ErrorList:
    """matchLabelKeys and mismatchLabelKeys: label names, in none of the other places."""
    errors: ErrorList = []
    selector = term.get("labelSelector")
    match, mismatch = term.get("matchLabelKeys") or [], term.get("mismatchLabelKeys") or []
    for name, keys in (("matchLabelKeys", match), ("mismatchLabelKeys", mismatch)):
        if keys and selector is None:
            detail = "must not be specified when labelSelector is not set"
            errors.append(field.forbidden(path.child(name), detail))
        elif keys:
            for i, key in enumerate(keys):
                errors += validate_label_name(key, path.child(name).index(i))
    errors += _validate_selected_twice(match, selector, path)
    for i, key in enumerate(match):
        if key in mismatch:
            detail = "exists in both matchLabelKeys and mismatchLabelKeys"
            errors.append(field.invalid(path.child("matchLabelKeys").index(i), key, detail))
    return errors


def validate_taint_effect(effect: str, path: Path, *, allow_empty: bool) -> ErrorList:
    if effect in TAINT_EFFECTS:
        return []
    if not effect and not allow_empty:
        return [field.required(path)]
    return [field.not_supported(path, effect, TAINT_EFFECTS)]


def validate_tolerations(tolerations: list[Object] | None, path: Path) -> ErrorList:
    """spec.tolerations."""
    errors: ErrorList = []
    for i, toleration in enumerate(tolerations or ()):
        errors += _validate_toleration(toleration, path.index(i))
    return errors


def _validate_toleration(toleration: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    key, operator = toleration.get("key") or "", toleration.get("operator") or ""
    value, effect = toleration.get("value") or "", toleration.get("effect") or ""
    at = path.child("operator")
    if key:
        errors += validate_label_name(key, path.child("key"))
    elif operator != "Exists":
        detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        errors.append(field.invalid(at, operator, detail))
    if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
        detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        errors.append(field.invalid(path.child("effect"), effect, detail))
    if operator in ("", "Equal"):
        problems = names.is_valid_label_value(value)
        if problems:
            errors.append(field.invalid(at, value, ";".join(problems)))
    elif operator in ("Lt", "Gt"):
        # Comparisons are behind the gate TaintTolerationComparisonOperators, which is off.
        errors.append(field.not_supported(at, operator, ("Equal", "Exists", "Lt", "Gt")))
    elif operator != "Exists":
        errors.append(field.not_supported(at, operator, ("Equal", "Exists")))
    elif value:
        errors.append(field.invalid(at, value, "value must be empty when `operator` is 'Exists'"))
    if effect:
        errors += validate_taint_effect(effect, path.child("effect"), allow_empty=True)
    return errors


def validate_topology_spread_constraints(
    constraints: list[Object] | None, path: Path, options: PodValidationOptions
) -> ErrorList:
    """spec.topologySpreadConstraints."""
    errors: ErrorList = []
    constraints = constraints or []
    for i, constraint in enumerate(constraints):
        at = path.index(i)
        skew, action = constraint.get("maxSkew") or 0, constraint.get("whenUnsatisfiable") or ""
        key = constraint.get("topologyKey") or ""
        if skew <= 0:
            errors.append(field.invalid(at.child("maxSkew"), skew, IS_NOT_POSITIVE))
        if not key:
            errors.append(field.required(at.child("topologyKey"), "can not be empty"))
        if action not in _WHEN_UNSATISFIABLE:
            errors.append(field.not_supported(at.child("whenUnsatisfiable"), action, _WHEN_UNSATISFIABLE))
        rest = constraints[i + 1 :]
        if any((o.get("topologyKey") or "", o.get("whenUnsatisfiable") or "") == (key, action) for o in rest):
            errors.append(field.duplicate(at.child("{topologyKey, whenUnsatisfiable}"), f"{{{key}, {action}}}"))
        errors += _validate_min_domains(constraint.get("minDomains"), action, at.child("minDomains"))
        for name in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            policy = constraint.get(name)
            if policy is not None and policy not in _NODE_POLICIES:
                errors.append(field.not_supported(at.child(name), policy, _NODE_POLICIES))
        errors += _validate_spread_label_keys(constraint, at)
        if not options.allow_invalid_topology_spread_constraint_label_selector:
            errors += validate_label_selector(constraint.get("labelSelector"), at.child("labelSelector"))
    return errors


def _validate_min_domains(domains: int | None, action: str, path: Path) -> ErrorList:
    if domains is None:
        return []
    errors: ErrorList = []
    if domains <= 0:
        errors.append(field.invalid(path, domains, IS_NOT_POSITIVE))
    if action != "DoNotSchedule":
        detail = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
        errors.append(field.invalid(path, domains, detail))
    return errors


def _validate_spread_label_keys(constraint: Object, path: Path) -> ErrorList:
    keys = constraint.get("matchLabelKeys") or ()
    if not keys:
        return []
    selector = constraint.get("labelSelector")
    at = path.child("matchLabelKeys")
    if selector is None:
        return [field.forbidden(at, "must not be specified when labelSelector is not set")]
    errors: ErrorList = []
    for i, key in enumerate(keys):
        errors += validate_label_name(key, at.index(i))
    return errors + _validate_selected_twice(keys, selector, path)


def _validate_selected_twice(keys: Sequence[str], selector: Object | None, path: Path) -> ErrorList:
    """Keys that the selector names beside the requirement that the server made of them.

    They are counted below the term or constraint itself, not below its matchLabelKeys.
    """
    errors: ErrorList = []
    positions = {key: i for i, key in enumerate(keys)}
    selected = set((selector or {}).get("matchLabels") or ())
    for expression in (selector or {}).get("matchExpressions") or ():
        key = expression.get("key") or ""
        if key in positions and key in selected:
            detail = "exists in both matchLabelKeys and labelSelector"
            errors.append(field.invalid(path.index(positions[key]), key, detail))
        selected.add(key)
    return errors


def validate_scheduling_gates(gates: list[Object] | None, path: Path) -> ErrorList:
    errors: ErrorList = []
    seen: set[str] = set()
    for i, gate in enumerate(gates or ()):
        name = gate.get("name") or ""
        errors += validate_qualified_name(name, path.index(i))
        if name in seen:
            errors.append(field.duplicate(path.index(i), name))
        seen.add(name)
    return errors
