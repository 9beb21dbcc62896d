"""What webhooks and policies match: rules, selectors, operations (upstream: apis/admissionregistration/validation).

Next: `expressions.py` for the CEL parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.selector import validate_label_selector

Object = dict[str, Any]

FAILURE_POLICIES: Final = ("Fail", "Ignore")
MATCH_POLICIES: Final = ("Equivalent", "Exact")
REINVOCATION_POLICIES: Final = ("IfNeeded", "Never")
_OPERATIONS: Final = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_MUTATING_OPERATIONS: Final = ("*", "CONNECT", "CREATE", "UPDATE")
_SCOPES: Final = ("*", "Cluster", "Namespaced")


def set_rule_defaults(rules: Sequence[Object] | None) -> None:
    """Rules apply to both scopes."""
    for rule in rules or ():
        if rule.get("scope") is None:
            rule["scope"] = "*"


def set_match_resources_defaults(match: Object | None) -> None:
    """Upstream: SetDefaults_MatchResources and SetDefaults_Rule."""
    if match is None:
        return
    if match.get("matchPolicy") is None:
        match["matchPolicy"] = "Equivalent"
    for selector in ("namespaceSelector", "objectSelector"):
        if match.get(selector) is None:
            match[selector] = {}
    set_rule_defaults(match.get("resourceRules"))
    set_rule_defaults(match.get("excludeResourceRules"))


def validate_failure_policy(spec: Object, path: Path) -> ErrorList:
    """What happens when a webhook cannot be asked."""
    return _validate_choice(spec.get("failurePolicy"), FAILURE_POLICIES, path.child("failurePolicy"))


def _validate_choice(value: str | None, choices: Sequence[str], path: Path) -> ErrorList:
    if value is None:
        return [field.required(path)]
    return [] if value in choices else [field.not_supported(path, value, choices)]


def validate_match_resources(match: Object | None, path: Path) -> ErrorList:
    """Match policy, selectors and rules of a policy or binding."""
    if match is None:
        return []
    errors = _validate_choice(match.get("matchPolicy"), MATCH_POLICIES, path.child("matchPolicy"))
    for name in ("namespaceSelector", "objectSelector"):
        selector = match.get(name)
        if selector is None:
            errors.append(field.required(path.child(name)))
        else:
            errors += validate_label_selector(selector, path.child(name))
    for name in ("resourceRules", "excludeResourceRules"):
        for i, rule in enumerate(match.get(name) or ()):
            errors += _validate_named_rule(rule, path.child(name).index(i))
    return errors


def validate_match_constraints(match: Object | None, path: Path) -> ErrorList:
    """The match resources of a policy, which must name what it is about."""
    if match is None:
        return [field.required(path)]
    errors = validate_match_resources(match, path)
    if not match.get("resourceRules"):
        errors.append(field.required(path.child("resourceRules")))
    return errors


def validate_mutating_operations(match: Object | None, path: Path) -> ErrorList:
    """Deletes cannot be mutated."""
    at = path.child("resourceRules", "operations")
    return [
        field.not_supported(at, operation, _MUTATING_OPERATIONS)
        for rule in (match or {}).get("resourceRules") or ()
        for operation in rule.get("operations") or ()
        if operation not in _MUTATING_OPERATIONS
    ]


def _validate_named_rule(rule: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    seen: set[str] = set()
    for i, name in enumerate(rule.get("resourceNames") or ()):
        at = path.child("resourceNames").index(i)
        errors += [field.invalid(at, name, problem) for problem in names.is_valid_path_segment_name(name)]
        if name in seen:
            errors.append(field.duplicate(at, name))
        seen.add(name)
    return errors + validate_rule(rule, path)


def validate_rule(rule: Object, path: Path) -> ErrorList:
    """Operations, groups, versions, resources and scope."""
    operations = rule.get("operations") or []
    errors = _validate_wildcard(operations, "operations", path.child("operations"))
    for i, operation in enumerate(operations):
        if operation not in _OPERATIONS:
            errors.append(field.not_supported(path.child("operations").index(i), operation, _OPERATIONS))
    errors += _validate_wildcard(rule.get("apiGroups") or [], "API groups", path.child("apiGroups"))
    versions, at = rule.get("apiVersions") or [], path.child("apiVersions")
    errors += _validate_wildcard(versions, "API versions", at)
    errors += [field.required(at.index(i)) for i, version in enumerate(versions) if not version]
    errors += _validate_resources(rule.get("resources") or [], path.child("resources"))
    scope = rule.get("scope")
    if scope is not None and scope not in _SCOPES:
        errors.append(field.not_supported(path.child("scope"), scope, _SCOPES))
    return errors


def _validate_wildcard(values: list[str], what: str, path: Path) -> ErrorList:
    if not values:
        return [field.required(path)]
    if len(values) > 1 and "*" in values:
        return [field.invalid(path, values, f"if '*' is present, must not specify other {what}")]
    return []


def _validate_resources(resources: list[str], path: Path) -> ErrorList:
    if not resources:
        return [field.required(path)]
    errors: ErrorList = []
    any_subresource: set[str] = set()
    any_resource: set[str] = set()
    plain = False
    for i, text in enumerate(resources):
        if not text:
            errors.append(field.required(path.index(i)))
            continue
        resource, slash, subresource = text.partition("/")
        if not slash:
            # As upstream does: the last one without a subresource counts.
            plain = text != "*"
            continue
        if resource in any_subresource:
            detail = f"if '{resource}/*' is present, must not specify {text}"
            errors.append(field.invalid(path.index(i), text, detail))
        if subresource in any_resource:
            detail = f"if '*/{subresource}' is present, must not specify {text}"
            errors.append(field.invalid(path.index(i), text, detail))
        if subresource == "*":
            any_subresource.add(resource)
        if resource == "*":
            any_resource.add(subresource)
    if len(resources) > 1 and "*/*" in resources:
        errors.append(field.invalid(path, resources, "if '*/*' is present, must not specify other resources"))
    if plain and "*" in resources:
        detail = "if '*' is present, must not specify other resources without subresources"
        errors.append(field.invalid(path, resources, detail))
    return errors
