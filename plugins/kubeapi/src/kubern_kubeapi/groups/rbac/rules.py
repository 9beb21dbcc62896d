"""What roles and bindings of both scopes have in common (upstream: pkg/apis/rbac). Next: `role.py`, `rolebinding.py`."""

from __future__ import annotations

import dataclasses
from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, Column
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

Object = dict[str, Any]

GROUP = "rbac.authorization.k8s.io"
_RULES = Path("rules")
_ROLE_REF = Path("roleRef")
_SUBJECTS = Path("subjects")
_SUBJECT_KINDS = ("ServiceAccount", "User", "Group")


def validate_rules(obj: Object, namespaced: bool) -> ErrorList:
    """metadata and rules of a role."""
    errors = validate_object_meta(obj["metadata"], namespaced, names.name_is_path_segment)
    for i, rule in enumerate(obj.get("rules") or ()):
        errors += _validate_rule(rule, namespaced, _RULES.index(i))
    return errors


def _validate_rule(rule: Object, namespaced: bool, path: Path) -> ErrorList:
    errors: ErrorList = []
    if not rule.get("verbs"):
        errors.append(field.required(path.child("verbs"), "verbs must contain at least one value"))
    urls, at = rule.get("nonResourceURLs"), path.child("nonResourceURLs")
    if urls:
        if namespaced:
            errors.append(field.invalid(at, urls, "namespaced rules cannot apply to non-resource URLs"))
        if any(rule.get(name) for name in ("apiGroups", "resources", "resourceNames")):
            detail = "rules cannot apply to both regular resources and non-resource URLs"
            errors.append(field.invalid(at, urls, detail))
        return errors
    for name, what in (("apiGroups", "api group"), ("resources", "resource")):
        if not rule.get(name):
            errors.append(field.required(path.child(name), f"resource rules must supply at least one {what}"))
    return errors


def set_binding_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_RoleBinding, SetDefaults_ClusterRoleBinding and SetDefaults_Subject."""
    ref = obj.setdefault("roleRef", {})
    if not ref.get("apiGroup"):
        ref["apiGroup"] = GROUP
    for subject in obj.get("subjects") or ():
        if not subject.get("apiGroup") and subject.get("kind") in ("User", "Group"):
            subject["apiGroup"] = GROUP


def validate_binding(obj: Object, namespaced: bool, role_kinds: tuple[str, ...]) -> ErrorList:
    """metadata, roleRef and subjects of a binding to one of `role_kinds`."""
    errors = validate_object_meta(obj["metadata"], namespaced, names.name_is_path_segment)
    ref = obj.get("roleRef", {})
    group, kind, name = ref.get("apiGroup", ""), ref.get("kind", ""), ref.get("name", "")
    if group != GROUP:
        errors.append(field.not_supported(_ROLE_REF.child("apiGroup"), group, (GROUP,)))
    if kind not in role_kinds:
        errors.append(field.not_supported_in_order(_ROLE_REF.child("kind"), kind, role_kinds))
    at = _ROLE_REF.child("name")
    if not name:
        errors.append(field.required(at))
    errors += [field.invalid(at, name, m) for m in names.is_valid_path_segment_name(name)]
    for i, subject in enumerate(obj.get("subjects") or ()):
        errors += _validate_subject(subject, namespaced, _SUBJECTS.index(i))
    return errors


def _validate_subject(subject: Object, namespaced: bool, path: Path) -> ErrorList:
    errors: ErrorList = []
    name, kind, group = subject.get("name", ""), subject.get("kind", ""), subject.get("apiGroup", "")
    if not name:
        errors.append(field.required(path.child("name")))
    if kind not in _SUBJECT_KINDS:
        return [*errors, field.not_supported_in_order(path.child("kind"), kind, _SUBJECT_KINDS)]
    account = kind == "ServiceAccount"
    if account and name:
        errors += [field.invalid(path.child("name"), name, m) for m in names.is_dns1123_subdomain(name)]
    wanted = "" if account else GROUP
    if group != wanted:
        errors.append(field.not_supported(path.child("apiGroup"), group, (wanted,)))
    if account and not namespaced and not subject.get("namespace"):
        errors.append(field.required(path.child("namespace")))
    return errors


def validate_binding_update(obj: Object, old: Object, namespaced: bool, role_kinds: tuple[str, ...]) -> ErrorList:
    """The role that a binding binds cannot change."""
    problems = validate_binding(obj, namespaced, role_kinds)
    # Upstream validates the binding here and again as part of the update.
    errors = [*problems, *problems, *validate_object_meta_update(obj["metadata"], old["metadata"])]
    ref = obj.get("roleRef", {})
    if ref != old.get("roleRef", {}):
        shown = {
            "APIGroup": ref.get("apiGroup", ""),
            "Kind": ref.get("kind", ""),
            "Name": ref.get("name", ""),
        }
        errors.append(field.invalid(_ROLE_REF, shown, "cannot change roleRef"))
    return errors


def binding_columns(role: Column) -> tuple[Column, ...]:
    """The columns of a binding, with the one that describes its role."""
    # kube-apiserver describes it as v1beta1 does.
    role = dataclasses.replace(role, description=role.description.removesuffix(" This field is immutable."))
    kind = "roleBinding" if "current namespace" in role.description else "clusterRoleBinding"
    wide = [Column(name, description=f"{name} in the {kind}", priority=1) for name in ("Users", "Groups")]
    accounts = Column("ServiceAccounts", description=f"ServiceAccounts in the {kind}", priority=1)
    return (NAME_COLUMN, role, AGE_COLUMN, *wide, accounts)


def binding_cells(obj: Object) -> list[Any]:
    """The cells of a binding."""
    ref = obj.get("roleRef", {})
    by_kind: dict[str, list[str]] = {kind: [] for kind in _SUBJECT_KINDS}
    for subject in obj.get("subjects") or ():
        name = subject.get("name", "")
        if subject.get("kind") == "ServiceAccount":
            name = f"{subject.get('namespace', '')}/{name}"
        by_kind.get(subject.get("kind", ""), []).append(name)
    subjects = [", ".join(by_kind[kind]) for kind in ("User", "Group", "ServiceAccount")]
    return [obj["metadata"]["name"], f"{ref.get('kind', '')}/{ref.get('name', '')}", age(obj), *subjects]
