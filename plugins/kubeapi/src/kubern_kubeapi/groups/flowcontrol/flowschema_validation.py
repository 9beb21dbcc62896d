"""What a valid flow schema is (upstream: pkg/apis/flowcontrol/validation). Next: `flowschema.py`."""

from __future__ import annotations

from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.equality import semantic_equal
from kubern_kubeapi.groups.flowcontrol.mandatory import MANDATORY_FLOW_SCHEMAS
from kubern_kubeapi.groups.gostruct import Catalog
from kubern_kubeapi.groups.objectmeta import validate_object_meta

Object = dict[str, Any]

MAX_PRECEDENCE = 10000
VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch")
_SUBJECT_KINDS = {"Group": "group", "ServiceAccount": "serviceAccount", "User": "user"}
_SUBJECT_ORDER = ("ServiceAccount", "User", "Group")
_DISTINGUISHERS = ("ByNamespace", "ByUser")
_SPEC = Path("spec")
_STATUS = Path("status")
_NAMESPACE_INTRO = "each member of this list must be '*' or a DNS-1123 label; "

_INTERNAL = Catalog(
    """
    FlowSchemaSpec PriorityLevelConfiguration:PriorityLevelConfigurationReference MatchingPrecedence:i DistinguisherMethod:*FlowDistinguisherMethod Rules:[]PolicyRulesWithSubjects
    PriorityLevelConfigurationReference Name
    FlowDistinguisherMethod Type
    PolicyRulesWithSubjects Subjects:[]Subject ResourceRules:[]ResourcePolicyRule NonResourceRules:[]NonResourcePolicyRule
    Subject Kind User:*UserSubject Group:*GroupSubject ServiceAccount:*ServiceAccountSubject
    UserSubject Name
    GroupSubject Name
    ServiceAccountSubject Namespace Name
    ResourcePolicyRule Verbs:- APIGroups:- Resources:- ClusterScope:b Namespaces:-
    NonResourcePolicyRule Verbs:- NonResourceURLs=nonResourceURLs:-
    """
)


def validate_flow_schema(obj: Object) -> ErrorList:
    """Upstream: ValidateFlowSchema."""
    errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
    name, spec = obj["metadata"].get("name", ""), obj.get("spec", {})
    errors += _validate_spec(name, spec)
    fixed = MANDATORY_FLOW_SCHEMAS.get(name)
    if fixed is not None and not semantic_equal(spec, fixed):
        shown = _INTERNAL.render("FlowSchemaSpec", spec)
        errors.append(field.invalid(_SPEC, shown, f"spec of '{name}' must equal the fixed value"))
    return errors + validate_conditions(obj.get("status", {}))


def _validate_spec(name: str, spec: Object) -> ErrorList:
    errors: ErrorList = []
    precedence, at = spec.get("matchingPrecedence", 0), _SPEC.child("matchingPrecedence")
    if precedence <= 0:
        errors.append(field.invalid(at, precedence, "must be a positive value"))
    if precedence > MAX_PRECEDENCE:
        errors.append(field.invalid(at, precedence, f"must not be greater than {MAX_PRECEDENCE}"))
    if precedence == 1 and name != "exempt":
        detail = "only the schema named 'exempt' may have matchingPrecedence 1"
        errors.append(field.invalid(at, precedence, detail))
    method = spec.get("distinguisherMethod")
    if method is not None and method.get("type") not in _DISTINGUISHERS:
        at = _SPEC.child("distinguisherMethod", "type")
        errors.append(field.not_supported(at, {"Type": method.get("type", "")}, _DISTINGUISHERS))
    level = (spec.get("priorityLevelConfiguration") or {}).get("name", "")
    at = _SPEC.child("priorityLevelConfiguration", "name")
    if level:
        errors += [field.invalid(at, level, m) for m in names.is_dns1123_subdomain(level)]
    else:
        errors.append(field.required(at, "must reference a priority level"))
    for i, rule in enumerate(spec.get("rules") or ()):
        errors += _validate_rules(rule, _SPEC.child("rules").index(i))
    return errors


def _validate_rules(rule: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    subjects = rule.get("subjects") or []
    for i, subject in enumerate(subjects):
        errors += _validate_subject(subject, path.child("subjects").index(i))
    if not subjects:
        errors.append(field.required(path.child("subjects"), "subjects must contain at least one value"))
    resources, paths = rule.get("resourceRules") or [], rule.get("nonResourceRules") or []
    if not resources and not paths:
        detail = "at least one of resourceRules and nonResourceRules has to be non-empty"
        errors.append(field.required(path, detail))
    for i, resource_rule in enumerate(resources):
        errors += _validate_resource_rule(resource_rule, path.child("resourceRules").index(i))
    for i, path_rule in enumerate(paths):
        errors += _validate_path_rule(path_rule, path.child("nonResourceRules").index(i))
    return errors


def _validate_subject(subject: Object, path: Path) -> ErrorList:
    kind = subject.get("kind", "")
    if kind not in _SUBJECT_KINDS:
        return [field.not_supported(path.child("kind"), kind, _SUBJECT_KINDS)]
    own = _SUBJECT_KINDS[kind]
    errors = _validate_subject_details(subject.get(own), kind, path.child(own))
    for other in _SUBJECT_ORDER:
        name = _SUBJECT_KINDS[other]
        if other != kind and subject.get(name) is not None:
            detail = f"{name} is forbidden when subject kind is not '{other}'"
            errors.append(field.forbidden(path.child(name), detail))
    return errors


def _validate_subject_details(details: Object | None, kind: str, path: Path) -> ErrorList:
    if details is None:
        return [field.required(path, f"{_SUBJECT_KINDS[kind]} is required when subject kind is '{kind}'")]
    errors: ErrorList = []
    name, at = details.get("name", ""), path.child("name")
    if not name:
        errors.append(field.required(at))
    if kind != "ServiceAccount":
        return errors
    if name and name != "*":
        errors += [field.invalid(at, name, m) for m in names.is_dns1123_subdomain(name)]
    namespace, at = details.get("namespace", ""), path.child("namespace")
    if namespace:
        errors += [field.invalid(at, namespace, m) for m in names.is_dns1123_label(namespace)]
    else:
        errors.append(field.required(at, "must specify namespace for service account"))
    return errors


def _validate_verbs(verbs: list[str], path: Path) -> ErrorList:
    if not verbs:
        return [field.required(path, "verbs must contain at least one value")]
    if "*" in verbs:
        return _validate_wildcard(verbs, "verbs", path)
    return [] if set(verbs) <= set(VERBS) else [field.not_supported(path, verbs, VERBS)]


def _validate_wildcard(values: list[str], what: str, path: Path) -> ErrorList:
    if "*" in values and len(values) > 1:
        return [field.invalid(path, values, f"if '*' is present, must not specify other {what}")]
    return []


def _validate_resource_rule(rule: Object, path: Path) -> ErrorList:
    errors = _validate_verbs(rule.get("verbs") or [], path.child("verbs"))
    for name, one, many in (("apiGroups", "api group", "api groups"), ("resources", "resource", "resources")):
        values, at = rule.get(name) or [], path.child(name)
        if values:
            errors += _validate_wildcard(values, many, at)
        else:
            errors.append(field.required(at, f"resource rules must supply at least one {one}"))
    namespaces, at = rule.get("namespaces") or [], path.child("namespaces")
    if not namespaces and not rule.get("clusterScope"):
        detail = "resource rules that are not cluster scoped must supply at least one namespace"
        errors.append(field.required(at, detail))
    elif "*" in namespaces:
        errors += _validate_wildcard(namespaces, "namespaces", at)
    else:
        for i, namespace in enumerate(namespaces):
            problems = names.is_dns1123_label(namespace)
            errors += [field.invalid(at.index(i), namespace, _NAMESPACE_INTRO + m) for m in problems]
    return errors


def _validate_path_rule(rule: Object, path: Path) -> ErrorList:
    errors = _validate_verbs(rule.get("verbs") or [], path.child("verbs"))
    urls, at = rule.get("nonResourceURLs") or [], path.child("nonResourceURLs")
    if not urls:
        errors.append(field.required(at, "nonResourceURLs must contain at least one value"))
    elif "*" in urls:
        errors += _validate_wildcard(urls, "non-resource URLs", at)
    else:
        for i, url in enumerate(urls):
            problem = _path_problem(url)
            if problem:
                errors.append(field.invalid(at.index(i), url, problem))
    return errors


def _path_problem(url: str) -> str:
    if not url:
        return "must not be empty"
    if not url.startswith("/"):
        return "must start with slash"
    if " " in url:
        return "must not contain white-space"
    if "//" in url:
        return "must not contain double slash"
    stars = url.count("*")
    return "wildcard can only do suffix matching" if stars > 1 or (stars and not url.endswith("/*")) else ""


def validate_conditions(status: Object) -> ErrorList:
    """Each condition has a type, each type occurs once."""
    errors: ErrorList = []
    seen: set[str] = set()
    for i, condition in enumerate(status.get("conditions") or ()):
        kind, at = condition.get("type", ""), _STATUS.child("conditions").index(i).child("type")
        if kind in seen:
            errors.append(field.duplicate(at, kind))
        seen.add(kind)
        if not kind:
            errors.append(field.required(at, "must not be empty"))
    return errors
