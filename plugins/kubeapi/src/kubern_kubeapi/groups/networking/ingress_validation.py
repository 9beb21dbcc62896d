"""What a valid ingress is (upstream: pkg/apis/networking/validation). Next: `ingress.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation import net
from kubern.apimachinery.validation.formats import is_valid_port_name
from kubern.apimachinery.validation.hosts import is_wildcard_dns1123_subdomain
from kubern_kubeapi.groups.core.service_validation import validate_ingress_hostname
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

Object = dict[str, Any]

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_INVALID_SEQUENCES = ("//", "/./", "/../", "%2f", "%2F")
_INVALID_SUFFIXES = ("/..", "/.")
_SPEC = Path("spec")


def validate_ingress(ingress: Object) -> ErrorList:
    """Upstream: ValidateIngressCreate."""
    errors = _validate(ingress, None)
    annotation = (ingress["metadata"].get("annotations") or {}).get(CLASS_ANNOTATION)
    class_name = ingress.get("spec", {}).get("ingressClassName")
    if annotation is not None and class_name is not None and annotation != class_name:
        at = Path("annotations").child(CLASS_ANNOTATION)
        errors.append(field.invalid(at, annotation, "must match `ingressClassName` when both are specified"))
    return errors


def validate_ingress_update(ingress: Object, old: Object) -> ErrorList:
    """Upstream: ValidateIngressUpdate; what was stored when the rules were looser stays valid."""
    return validate_object_meta_update(ingress["metadata"], old["metadata"]) + _validate(ingress, old)


def validate_ingress_status(ingress: Object, old: Object) -> ErrorList:
    """Upstream: ValidateIngressStatusUpdate."""
    errors = validate_object_meta_update(ingress["metadata"], old["metadata"])
    at = Path("status", "loadBalancer", "ingress")
    known = {i.get("ip") for i in old.get("status", {}).get("loadBalancer", {}).get("ingress") or ()}
    for i, point in enumerate(ingress.get("status", {}).get("loadBalancer", {}).get("ingress") or ()):
        if point.get("ip"):
            errors += net.validate_ip_for_legacy_field(at.index(i).child("ip"), point["ip"], known)
        errors += validate_ingress_hostname(point.get("hostname", ""), at.index(i).child("hostname"))
    return errors


def _validate(ingress: Object, old: Object | None) -> ErrorList:
    errors = validate_object_meta(ingress["metadata"], True, names.name_is_dns_subdomain)
    spec = ingress.get("spec", {})
    rules = spec.get("rules") or []
    default = spec.get("defaultBackend")
    if not rules and default is None:
        detail = "either `defaultBackend` or `rules` must be specified"
        errors.append(field.invalid(_SPEC, spec.get("rules"), detail))
    if default is not None:
        errors += _validate_backend(default, _SPEC.child("defaultBackend"))
    lenient = old is not None and _had_invalid_wildcard_rule(old)
    for i, rule in enumerate(rules):
        errors += _validate_rule(rule, _SPEC.child("rules").index(i), lenient)
    errors += _validate_tls(spec, old)
    class_name = spec.get("ingressClassName")
    if class_name is not None:
        at = _SPEC.child("ingressClassName")
        errors += [field.invalid(at, class_name, m) for m in names.is_dns1123_subdomain(class_name)]
    return errors


def _host_check(host: str) -> Callable[[str], list[str]]:
    return is_wildcard_dns1123_subdomain if "*" in host else names.is_dns1123_subdomain


def _validate_rule(rule: Object, path: Path, lenient: bool) -> ErrorList:
    host = rule.get("host", "")
    errors: ErrorList = []
    if host:
        at = path.child("host")
        if net.parse_ip(host) is not None:
            errors.append(field.invalid(at, host, "must be a DNS name, not an IP address"))
        errors += [field.invalid(at, host, m) for m in _host_check(host)(host)]
    if "*" in host and lenient:
        return errors
    return errors + _validate_rule_value(rule, path)


def _validate_rule_value(rule: Object, path: Path) -> ErrorList:
    http = rule.get("http")
    if http is None:
        return []
    at = path.child("http", "paths")
    paths = http.get("paths") or []
    errors: ErrorList = [] if paths else [field.required(at)]
    for i, item in enumerate(paths):
        errors += _validate_path(item, at.index(i))
    return errors


def _validate_path(item: Object, path: Path) -> ErrorList:
    kind, value = item.get("pathType"), item.get("path", "")
    if kind is None:
        return [field.required(path.child("pathType"), "pathType must be specified")]
    errors: ErrorList = []
    at = path.child("path")
    if kind not in PATH_TYPES:
        errors.append(field.not_supported(path.child("pathType"), kind, PATH_TYPES))
    elif not value.startswith("/") and (value or kind != "ImplementationSpecific"):
        errors.append(field.invalid(at, value, "must be an absolute path"))
    if kind in ("Exact", "Prefix"):
        errors += [field.invalid(at, value, f"must not contain '{s}'") for s in _INVALID_SEQUENCES if s in value]
        errors += [field.invalid(at, value, f"cannot end with '{s}'") for s in _INVALID_SUFFIXES if value.endswith(s)]
    return errors + _validate_backend(item.get("backend", {}), path.child("backend"))


def _validate_backend(backend: Object, path: Path) -> ErrorList:
    resource, service = backend.get("resource"), backend.get("service")
    if resource is not None and service is not None:
        return [field.invalid(path, "", "cannot set both resource and service backends")]
    if resource is not None:
        return validate_typed_reference(resource, path.child("resource"))
    if service is None:
        return [field.invalid(path, "", "resource or service backend is required")]
    name, at = service.get("name", ""), path.child("service", "name")
    if name:
        errors: ErrorList = [field.invalid(at, name, m) for m in names.is_dns1123_label(name)]
    else:
        errors = [field.required(at)]
    return errors + _validate_backend_port(service.get("port") or {}, path)


def _validate_backend_port(port: Object, path: Path) -> ErrorList:
    name, number = port.get("name", ""), port.get("number", 0)
    at = path.child("service", "port")
    if name and number:
        return [field.invalid(path, "", "cannot set both port name & port number")]
    if name:
        return [field.invalid(at.child("name"), name, m) for m in is_valid_port_name(name)]
    if number:
        return net.validate_port_num(number, at.child("number"))
    return [field.required(path, "port name or number is required")]


def validate_typed_reference(reference: Object, path: Path) -> ErrorList:
    """apiGroup, kind and name of an object in the same namespace."""
    errors: ErrorList = []
    group = reference.get("apiGroup")
    if group is not None:
        errors += [field.invalid(path.child("apiGroup"), group, m) for m in names.is_dns1123_subdomain(group)]
    for key in ("kind", "name"):
        value, at = reference.get(key, ""), path.child(key)
        if not value:
            errors.append(field.required(at))
        errors += [field.invalid(at, value, m) for m in names.is_valid_path_segment_name(value)]
    return errors


def _secret_name_problems(tls: Object) -> list[str]:
    name = tls.get("secretName", "")
    return names.is_dns1123_subdomain(name) if name else []


def _validate_tls(spec: Object, old: Object | None) -> ErrorList:
    errors: ErrorList = []
    old_tls = (old.get("spec", {}).get("tls") or ()) if old is not None else ()
    lenient = any(_secret_name_problems(t) for t in old_tls)
    for i, tls in enumerate(spec.get("tls") or ()):
        at = _SPEC.child("tls").index(i)
        for j, host in enumerate(tls.get("hosts") or ()):
            errors += [field.invalid(at.child("hosts").index(j), host, m) for m in _host_check(host)(host)]
        if not lenient:
            name = tls.get("secretName", "")
            errors += [field.invalid(at.child("secretName"), name, m) for m in _secret_name_problems(tls)]
    return errors


def _had_invalid_wildcard_rule(old: Object) -> bool:
    rules = old.get("spec", {}).get("rules") or ()
    return any("*" in r.get("host", "") and _validate_rule_value(r, _SPEC) for r in rules)
