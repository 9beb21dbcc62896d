"""The policies of jobs: what a failed pod means, when a job has succeeded, when pods are replaced.

Upstream: validatePodFailurePolicy, validateSuccessPolicy, validatePodReplacementPolicy. Next: `job_validation.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import OMIT_VALUE, ErrorList, Path
from kubern.apimachinery.validation.formats import validate_qualified_name
from kubern.apimachinery.validation.objectmeta import validate_nonnegative
from kubern.util.goquote import go_quote
from kubern_kubeapi.groups.batch.indexes import count_indexes

Object = dict[str, Any]
_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_OPERATORS = ("In", "NotIn")
_STATUSES = ("False", "True", "Unknown")
_REPLACEMENTS = ("Failed", "TerminatingOrFailed")
_MAX_RULES = 20
_MAX_PATTERNS = 20
_MAX_EXIT_CODES = 255
_MAX_SUCCEEDED_INDEXES = 64 * 1024


def _validate_choice(value: str, choices: tuple[str, ...], path: Path) -> ErrorList:
    """One of the words, in messages as Go prints them."""
    if not value:
        return [field.required(path, f"valid values: [{' '.join(go_quote(c) for c in choices)}]")]
    return [] if value in choices else [field.not_supported(path, value, choices)]


def validate_pod_failure_policy(spec: Object, path: Path) -> ErrorList:
    """spec.podFailurePolicy."""
    rules = spec["podFailurePolicy"].get("rules") or []
    at = path.child("rules")
    errors: ErrorList = []
    if len(rules) > _MAX_RULES:
        errors.append(field.too_many(at, len(rules), _MAX_RULES))
    pod = (spec.get("template") or {}).get("spec") or {}
    containers = {c.get("name") for name in ("containers", "initContainers") for c in pod.get(name) or ()}
    for i, rule in enumerate(rules):
        errors += _validate_rule(spec, rule, at.index(i), containers)
    return errors


def _validate_rule(spec: Object, rule: Object, path: Path, containers: set[str]) -> ErrorList:
    errors: ErrorList = []
    action = rule.get("action") or ""
    if action == "FailIndex":
        if spec.get("backoffLimitPerIndex") is None:
            errors.append(field.invalid(path.child("action"), action, "requires the backoffLimitPerIndex to be set"))
    else:
        errors += _validate_choice(action, _ACTIONS, path.child("action"))
    exit_codes, patterns = rule.get("onExitCodes"), rule.get("onPodConditions") or []
    if exit_codes is not None:
        errors += _validate_exit_codes(exit_codes, path.child("onExitCodes"), containers)
    if patterns:
        errors += _validate_patterns(patterns, path.child("onPodConditions"))
    if exit_codes is not None and patterns:
        detail = "specifying both OnExitCodes and OnPodConditions is not supported"
        errors.append(field.invalid(path, OMIT_VALUE, detail))
    elif exit_codes is None and not patterns:
        detail = "specifying one of OnExitCodes and OnPodConditions is required"
        errors.append(field.invalid(path, OMIT_VALUE, detail))
    return errors


def _validate_patterns(patterns: list[Object], path: Path) -> ErrorList:
    errors: ErrorList = []
    if len(patterns) > _MAX_PATTERNS:
        errors.append(field.too_many(path, len(patterns), _MAX_PATTERNS))
    for i, pattern in enumerate(patterns):
        at = path.index(i)
        errors += validate_qualified_name(pattern.get("type") or "", at.child("type"))
        errors += _validate_choice(pattern.get("status") or "", _STATUSES, at.child("status"))
    return errors


def _validate_exit_codes(requirement: Object, path: Path, containers: set[str]) -> ErrorList:
    operator, values = requirement.get("operator") or "", requirement.get("values") or []
    errors = _validate_choice(operator, _OPERATORS, path.child("operator"))
    name = requirement.get("containerName")
    if name is not None and name not in containers:
        detail = "must be one of the container or initContainer names in the pod template"
        errors.append(field.invalid(path.child("containerName"), name, detail))
    at = path.child("values")
    if not values:
        errors.append(field.invalid(at, requirement.get("values"), "at least one value is required"))
    elif len(values) > _MAX_EXIT_CODES:
        errors.append(field.too_many(at, len(values), _MAX_EXIT_CODES))
    errors += _validate_exit_code_values(values, operator, at)
    if any(a > b for a, b in pairwise(values)):
        errors.append(field.invalid(at, values, "must be ordered"))
    return errors


def _validate_exit_code_values(values: Iterable[int], operator: str, path: Path) -> ErrorList:
    errors: ErrorList = []
    seen: set[int] = set()
    for i, value in enumerate(values):
        if operator == "In" and value == 0:
            errors.append(field.invalid(path.index(i), value, "must not be 0 for the In operator"))
        if value in seen:
            errors.append(field.duplicate(path.index(i), value))
        seen.add(value)
    return errors


def validate_pod_replacement_policy(spec: Object, path: Path) -> ErrorList:
    """spec.podReplacementPolicy; a failure policy leaves no choice."""
    policy = spec.get("podReplacementPolicy")
    if policy is None:
        return []
    choices = ("Failed",) if spec.get("podFailurePolicy") is not None else _REPLACEMENTS
    return [] if policy in choices else [field.not_supported(path, policy, choices)]


def validate_success_policy(spec: Object, path: Path) -> ErrorList:
    """spec.successPolicy of an indexed job."""
    rules = spec["successPolicy"].get("rules") or []
    at = path.child("rules")
    errors: ErrorList = []
    if not rules:
        detail = "at least one rules must be specified when the successPolicy is specified"
        errors.append(field.required(at, detail))
    if len(rules) > _MAX_RULES:
        errors.append(field.too_many(at, len(rules), _MAX_RULES))
    for i, rule in enumerate(rules):
        errors += _validate_success_rule(rule, spec.get("completions") or 0, at.index(i))
    return errors


def _validate_success_rule(rule: Object, completions: int, path: Path) -> ErrorList:
    errors: ErrorList = []
    count, indexes = rule.get("succeededCount"), rule.get("succeededIndexes")
    if count is None and indexes is None:
        detail = "at least one of succeededCount or succeededIndexes must be specified"
        errors.append(field.required(path, detail))
    total = 0
    if indexes is not None:
        at = path.child("succeededIndexes")
        if len(indexes) > _MAX_SUCCEEDED_INDEXES:
            errors.append(field.too_long(at, indexes, _MAX_SUCCEEDED_INDEXES))
        try:
            total = count_indexes(indexes, completions)
        except ValueError as error:
            errors.append(field.invalid(at, indexes, f"error parsing succeededIndexes: {error}"))
    if count is None:
        return errors
    at = path.child("succeededCount")
    errors += validate_nonnegative(count, at)
    if count > completions:
        detail = f"must be less than or equal to {completions} (the number of specified completions)"
        errors.append(field.invalid(at, count, detail))
    if indexes is not None and count > total:
        what = "the number of indexes in the specified succeededIndexes field"
        errors.append(field.invalid(at, count, f"must be less than or equal to {total} ({what})"))
    return errors
