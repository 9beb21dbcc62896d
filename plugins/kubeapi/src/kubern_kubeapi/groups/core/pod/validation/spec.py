"""Pod specs and pod templates (upstream: ValidatePodSpec, ValidatePodTemplateSpec). Next: `pod.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.formats import (
    MAX_INT32,
    inclusive_range_error,
    is_dns1123_subdomain_with_underscore,
    validate_dns1123_label,
    validate_dns1123_subdomain,
    validate_qualified_name,
)
from kubern.apimachinery.validation.ip import is_valid_ip_for_legacy_field
from kubern.apimachinery.validation.labels import validate_labels
from kubern.apimachinery.validation.objectmeta import validate_annotations
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions
from kubern_kubeapi.groups.core.pod.validation.annotations import (
    validate_app_armor_annotations_match,
    validate_pod_annotations,
    validate_seccomp_annotations_match,
)
from kubern_kubeapi.groups.core.pod.validation.containers import (
    PodContext,
    validate_containers,
    validate_ephemeral_containers,
    validate_init_containers,
)
from kubern_kubeapi.groups.core.pod.validation.env import validate_env_file_volumes
from kubern_kubeapi.groups.core.pod.validation.resources import (
    validate_overhead,
    validate_pod_resource_claims,
    validate_pod_resources,
)
from kubern_kubeapi.groups.core.pod.validation.scheduling import (
    validate_affinity,
    validate_scheduling_gates,
    validate_tolerations,
    validate_topology_spread_constraints,
)
from kubern_kubeapi.groups.core.pod.validation.security import validate_pod_security_context
from kubern_kubeapi.groups.core.pod.validation.volumes import validate_volumes
from kubern_kubeapi.groups.core.pod.validation.windows import (
    validate_host_process_pod,
    validate_os,
    visit_containers,
)

Object = Mapping[str, Any]
RESTART_POLICIES = ("Always", "OnFailure", "Never")
DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_MAX_NAMESERVERS = 3
_MAX_SEARCH_PATHS = 32
_MAX_SEARCH_CHARS = 2048
_MAX_HOSTNAME_OVERRIDE = 64


def validate_pod_template_spec(template: Object, path: Path, options: PodValidationOptions) -> ErrorList:
    """A template that controllers make pods of."""
    meta, spec = template.get("metadata") or {}, template.get("spec") or {}
    annotations = meta.get("annotations") or {}
    errors = validate_labels(meta.get("labels"), path.child("labels"))
    errors += validate_annotations(annotations, path.child("annotations"))
    errors += validate_pod_annotations(annotations, spec, path.child("annotations"))
    errors += validate_pod_spec(spec, None, path.child("spec"), options)
    errors += validate_seccomp_annotations_match(annotations, spec, path.child("spec"))
    errors += validate_app_armor_annotations_match(annotations, spec, path.child("spec"))
    if spec.get("ephemeralContainers"):
        detail = "ephemeral containers not allowed in pod template"
        errors.append(field.forbidden(path.child("spec", "ephemeralContainers"), detail))
    return errors


def validate_pod_spec(spec: Object, pod_meta: Object | None, path: Path, options: PodValidationOptions) -> ErrorList:
    """A pod spec; `pod_meta` is the pod's metadata, None in templates."""
    errors: ErrorList = []
    grace_period = spec.get("terminationGracePeriodSeconds")
    if grace_period is None:
        errors.append(field.required(path.child("terminationGracePeriodSeconds")))
    volumes, volume_errors = validate_volumes(spec.get("volumes"), pod_meta, path.child("volumes"), options)
    errors += volume_errors
    errors += validate_pod_resource_claims(spec.get("resourceClaims"), pod_meta, path.child("resourceClaims"))
    context = PodContext(
        volumes=volumes,
        claim_names={c["name"] for c in spec.get("resourceClaims") or () if c.get("name")},
        grace_period=grace_period,
        restart_policy=spec.get("restartPolicy") or "",
        host_users=spec.get("hostUsers") is not False,
        options=options,
    )
    regular = spec.get("containers")
    errors += validate_containers(regular, context, path.child("containers"))
    errors += validate_init_containers(spec.get("initContainers"), regular, context, path.child("initContainers"))
    errors += validate_ephemeral_containers(spec, context, path.child("ephemeralContainers"))
    errors += validate_pod_resources(spec, context.claim_names, path.child("resources"), options)
    errors += _validate_host_network_ports(spec, path, options)
    errors += _validate_choice(spec, "restartPolicy", RESTART_POLICIES, path)
    errors += _validate_choice(spec, "dnsPolicy", DNS_POLICIES, path)
    errors += validate_labels(spec.get("nodeSelector"), path.child("nodeSelector"))
    errors += validate_pod_security_context(spec, path.child("securityContext"), options)
    errors += validate_affinity(spec.get("affinity"), path.child("affinity"), options)
    errors += _validate_dns_config(spec.get("dnsConfig"), spec.get("dnsPolicy"), path.child("dnsConfig"))
    for i, gate in enumerate(spec.get("readinessGates") or ()):
        at = path.child("readinessGates").index(i).child("conditionType")
        errors += validate_qualified_name(gate.get("conditionType") or "", at)
    errors += validate_scheduling_gates(spec.get("schedulingGates"), path.child("schedulingGates"))
    constraints = spec.get("topologySpreadConstraints")
    errors += validate_topology_spread_constraints(constraints, path.child("topologySpreadConstraints"), options)
    errors += validate_host_process_pod(spec, path)
    errors += _validate_host_users(spec, path, options)
    errors += _validate_hostname_override(spec, path)
    errors += _validate_rest(spec, path, options)
    return errors + validate_env_file_volumes(spec, path)


def _validate_rest(spec: Object, path: Path, options: PodValidationOptions) -> ErrorList:
    """The scalar fields, in upstream's order."""
    errors = _validate_names(spec, ("serviceAccountName", "nodeName"), path)
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= MAX_INT32:
        errors.append(field.invalid(path.child("activeDeadlineSeconds"), deadline, inclusive_range_error(1, MAX_INT32)))
    for name in ("hostname", "subdomain"):
        if spec.get(name):
            errors += validate_dns1123_label(spec[name], path.child(name))
    errors += validate_tolerations(spec.get("tolerations"), path.child("tolerations"))
    errors += _validate_host_aliases(spec.get("hostAliases"), path.child("hostAliases"))
    errors += _validate_names(spec, ("priorityClassName",), path)
    runtime_class = spec.get("runtimeClassName")
    if runtime_class is not None:
        errors += validate_dns1123_subdomain(runtime_class, path.child("runtimeClassName"))
    if spec.get("preemptionPolicy") is not None:
        errors += _validate_choice(spec, "preemptionPolicy", ("PreemptLowerPriority", "Never"), path)
    if spec.get("overhead") is not None:
        errors += validate_overhead(spec["overhead"], path.child("overhead"), options)
    return errors + validate_os(spec, path)


def _validate_choice(spec: Object, name: str, supported: tuple[str, ...], path: Path) -> ErrorList:
    value = spec.get(name) or ""
    if value in supported:
        return []
    at = path.child(name)
    return [field.not_supported(at, value, supported) if value else field.required(at)]


def _validate_names(spec: Object, fields: tuple[str, ...], path: Path) -> ErrorList:
    """References to other objects by names that are DNS subdomains."""
    errors: ErrorList = []
    for name in fields:
        value = spec.get(name)
        if value:
            errors += [field.invalid(path.child(name), value, m) for m in names.name_is_dns_subdomain(value, False)]
    return errors


def _validate_host_network_ports(spec: Object, path: Path, options: PodValidationOptions) -> ErrorList:
    errors: ErrorList = []
    if not spec.get("hostNetwork"):
        return errors
    for i, container in enumerate(spec.get("containers") or ()):
        for j, port in enumerate(container.get("ports") or ()):
            host, inner = port.get("hostPort") or 0, port.get("containerPort") or 0
            if (options.resource_is_pod or host) and host != inner:
                at = path.child("containers").index(i).child("ports").index(j).child("hostPort")
                errors.append(field.invalid(at, host, "must match `containerPort` when `hostNetwork` is true"))
    return errors


def _validate_host_users(spec: Object, path: Path, options: PodValidationOptions) -> ErrorList:
    """A user namespace of its own goes neither with the host's other namespaces nor with block devices."""
    if spec.get("hostUsers") is not False:
        return []
    shared = (("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC"))
    detail = "when `hostUsers` is false"
    errors: ErrorList = [field.forbidden(path.child(shown), detail) for name, shown in shared if spec.get(name)]
    if not options.allow_user_namespaces_with_volume_devices:
        for container, at in visit_containers(spec, path):
            if container.get("volumeDevices"):
                errors.append(field.forbidden(at.child("volumeDevices"), detail))
    return errors


def _validate_hostname_override(spec: Object, path: Path) -> ErrorList:
    override = spec.get("hostnameOverride")
    if override is None:
        return []
    at = path.child("hostnameOverride")
    errors: ErrorList = []
    if spec.get("setHostnameAsFQDN"):
        errors.append(field.forbidden(at, "may not be specified when setHostnameAsFQDN is true"))
    if spec.get("hostNetwork"):
        errors.append(field.forbidden(at, "may not be specified when hostNetwork is true"))
    if len(override.encode()) > _MAX_HOSTNAME_OVERRIDE:
        errors.append(field.too_long(at, override, _MAX_HOSTNAME_OVERRIDE))
    return errors + validate_dns1123_subdomain(override, at)


def _validate_host_aliases(aliases: list[Object] | None, path: Path) -> ErrorList:
    errors: ErrorList = []
    for i, alias in enumerate(aliases or ()):
        errors += is_valid_ip_for_legacy_field(path.index(i).child("ip"), alias.get("ip") or "")
        for j, hostname in enumerate(alias.get("hostnames") or ()):
            errors += validate_dns1123_subdomain(hostname, path.index(i).child("hostnames").index(j))
    return errors


def _validate_dns_config(config: Object | None, policy: str | None, path: Path) -> ErrorList:
    servers = (config or {}).get("nameservers") or []
    if policy == "None":
        if config is None:
            return [field.required(path, "must provide `dnsConfig` when `dnsPolicy` is None")]
        if not servers:
            detail = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            return [field.required(path.child("nameservers"), detail)]
    if config is None:
        return []
    errors: ErrorList = []
    if len(servers) > _MAX_NAMESERVERS:
        detail = f"must not have more than {_MAX_NAMESERVERS} nameservers"
        errors.append(field.invalid(path.child("nameservers"), servers, detail))
    for i, server in enumerate(servers):
        errors += is_valid_ip_for_legacy_field(path.child("nameservers").index(i), server)
    errors += _validate_searches(config.get("searches") or [], path.child("searches"))
    for i, option in enumerate(config.get("options") or ()):
        if not option.get("name"):
            errors.append(field.required(path.child("options").index(i), "must not be empty"))
    return errors


def _validate_searches(searches: list[str], path: Path) -> ErrorList:
    errors: ErrorList = []
    if len(searches) > _MAX_SEARCH_PATHS:
        errors.append(field.invalid(path, searches, f"must not have more than {_MAX_SEARCH_PATHS} search paths"))
    if len(" ".join(searches).encode()) > _MAX_SEARCH_CHARS:
        detail = f"must not have more than {_MAX_SEARCH_CHARS} characters (including spaces) in the search list"
        errors.append(field.invalid(path, searches, detail))
    for i, search in enumerate(searches):
        if search != ".":
            name = search.removesuffix(".")
            problems = is_dns1123_subdomain_with_underscore(name)
            errors += [field.invalid(path.index(i), name, m) for m in problems]
    return errors
