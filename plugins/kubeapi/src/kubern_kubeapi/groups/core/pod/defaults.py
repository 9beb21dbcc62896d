"""Defaults of pod specs and everything below them, set in place (upstream: core/v1/defaults.go and its conversions).

`default_pod` is for pods; `default_pod_template` for every kind that carries a template. Next:
`defaults_volumes.py`.
"""

from __future__ import annotations

from typing import Any

from kubern_kubeapi.groups.core.pod.aggregate import aggregate, is_supported_pod_level_resource
from kubern_kubeapi.groups.core.pod.defaults_volumes import default_volumes
from kubern_kubeapi.groups.core.pod.image import default_pull_policy
from kubern_kubeapi.groups.core.resource_lists import is_huge_page, is_overcommit_allowed, round_up_to_milli

Object = dict[str, Any]
_INIT_CONTAINER_ANNOTATIONS = tuple(
    f"pod.{stage}.kubernetes.io/{what}"
    for what in ("init-containers", "init-container-statuses")
    for stage in ("beta", "alpha")
)


def default_pod(pod: Object) -> None:
    """A decoded v1 Pod."""
    spec = pod.setdefault("spec", {})
    drop_init_container_annotations(pod.get("metadata"))
    sync_service_account(spec)
    _default_pod_only(spec)
    default_pod_spec(spec)
    status = pod.get("status")
    if status:
        sync_ips(status, "podIP", "podIPs")
        _default_status(status)


def default_pod_template(template: Object) -> None:
    """A decoded PodTemplateSpec."""
    spec = template.setdefault("spec", {})
    drop_init_container_annotations(template.get("metadata"))
    sync_service_account(spec)
    default_pod_spec(spec)


def _default_pod_only(spec: Object) -> None:
    """Defaults that templates do not get: requests from limits, service links, host ports."""
    for container in _all(spec, "containers", "initContainers"):
        resources = container.get("resources") or {}
        limits = resources.get("limits")
        if limits:
            resources["requests"] = {**limits, **(resources.get("requests") or {})}
    if spec.get("resources") is not None:
        _default_huge_page_limits(spec)
        _default_pod_requests(spec)
    if spec.get("enableServiceLinks") is None:
        spec["enableServiceLinks"] = True
    if spec.get("hostNetwork"):
        _default_host_ports(spec)


def _default_host_ports(spec: Object) -> None:
    for container in _all(spec, "containers", "initContainers"):
        for port in container.get("ports") or ():
            if not port.get("hostPort") and port.get("containerPort"):
                port["hostPort"] = port["containerPort"]


def _default_huge_page_limits(spec: Object) -> None:
    resources = spec["resources"]
    if not resources.get("limits") and not resources.get("requests"):
        return
    limits = dict(resources.get("limits") or {})
    for name, total in aggregate(spec, "limits").items():
        if is_huge_page(name) and name not in (resources.get("requests") or {}):
            limits.setdefault(name, str(total))
    if limits:
        resources["limits"] = limits


def _default_pod_requests(spec: Object) -> None:
    resources = spec["resources"]
    requests = dict(resources.get("requests") or {})
    for name, total in aggregate(spec, "requests").items():
        if is_supported_pod_level_resource(name) and is_overcommit_allowed(name):
            requests.setdefault(name, str(total))
    for name, limit in (resources.get("limits") or {}).items():
        if is_supported_pod_level_resource(name):
            requests.setdefault(name, limit)
    if requests:
        resources["requests"] = requests


def default_pod_spec(spec: Object) -> None:
    """Defaults of every pod spec."""
    spec["dnsPolicy"] = spec.get("dnsPolicy") or "ClusterFirst"
    spec["restartPolicy"] = spec.get("restartPolicy") or "Always"
    spec["schedulerName"] = spec.get("schedulerName") or "default-scheduler"
    if spec.get("securityContext") is None:
        spec["securityContext"] = {}
    if spec.get("terminationGracePeriodSeconds") is None:
        spec["terminationGracePeriodSeconds"] = 30
    default_volumes(spec.get("volumes"))
    for container in _all(spec, "initContainers", "containers", "ephemeralContainers"):
        default_container(container)
    round_up_to_milli(spec.get("overhead"))
    _round_up(spec.get("resources"))


def default_container(container: Object) -> None:
    """A container of any sort."""
    if not container.get("imagePullPolicy"):
        container["imagePullPolicy"] = default_pull_policy(container.get("image") or "")
    container["terminationMessagePath"] = container.get("terminationMessagePath") or "/dev/termination-log"
    container["terminationMessagePolicy"] = container.get("terminationMessagePolicy") or "File"
    for port in container.get("ports") or ():
        port["protocol"] = port.get("protocol") or "TCP"
    for variable in container.get("env") or ():
        _default_env_source(variable.get("valueFrom") or {})
    _round_up(container.get("resources"))
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        if container.get(name) is not None:
            _default_probe(container[name])
    lifecycle = container.get("lifecycle") or {}
    for name in ("postStart", "preStop"):
        _default_http_get((lifecycle.get(name) or {}).get("httpGet"))


def _default_env_source(source: Object) -> None:
    field_ref = source.get("fieldRef")
    if field_ref is not None:
        field_ref["apiVersion"] = field_ref.get("apiVersion") or "v1"
    file_ref = source.get("fileKeyRef")
    if file_ref is not None and file_ref.get("optional") is None:
        file_ref["optional"] = False


def _default_probe(probe: Object) -> None:
    _default_http_get(probe.get("httpGet"))
    grpc = probe.get("grpc")
    if grpc is not None and grpc.get("service") is None:
        grpc["service"] = ""
    probe["timeoutSeconds"] = probe.get("timeoutSeconds") or 1
    probe["periodSeconds"] = probe.get("periodSeconds") or 10
    probe["successThreshold"] = probe.get("successThreshold") or 1
    probe["failureThreshold"] = probe.get("failureThreshold") or 3


def _default_http_get(action: Object | None) -> None:
    if action is not None:
        action["path"] = action.get("path") or "/"
        action["scheme"] = action.get("scheme") or "HTTP"


def _round_up(resources: Object | None) -> None:
    if resources:
        round_up_to_milli(resources.get("limits"))
        round_up_to_milli(resources.get("requests"))


def _default_status(status: Object) -> None:
    round_up_to_milli(status.get("allocatedResources"))
    _round_up(status.get("resources"))
    for name in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
        for container in status.get(name) or ():
            round_up_to_milli(container.get("allocatedResources"))
            _round_up(container.get("resources"))


def sync_service_account(spec: Object) -> None:
    """`serviceAccount` is the old spelling of `serviceAccountName`; both are shown."""
    name = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if name:
        spec["serviceAccountName"] = spec["serviceAccount"] = name


def sync_ips(obj: Object, single: str, several: str, key: str = "ip") -> None:
    """The field for one address and the list are two views of one list; a differing single one wins."""
    one, many = obj.get(single), obj.get(several)
    first = (many[0].get(key) if key else many[0]) if many else None
    if one and one != first:
        obj[several] = [{key: one} if key else one]
    elif many and first:
        obj[single] = first


def drop_init_container_annotations(meta: Object | None) -> None:
    """Annotations from before init containers were fields."""
    annotations = (meta or {}).get("annotations")
    if annotations:
        for name in _INIT_CONTAINER_ANNOTATIONS:
            annotations.pop(name, None)


def _all(spec: Object, *fields: str) -> list[Object]:
    return [container for name in fields for container in spec.get(name) or ()]
