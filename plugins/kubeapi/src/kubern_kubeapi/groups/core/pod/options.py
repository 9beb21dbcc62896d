"""What a pod's validation tolerates because the object already had it (upstream: pkg/api/pod/util.go).

Next: `validation/spec.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from kubern.apimachinery.field import Path
from kubern.apimachinery.quantity import Quantity
from kubern.apimachinery.validation.selector import validate_label_selector
from kubern_kubeapi.groups.core.resource_lists import is_huge_page, is_huge_page_value_divisible

Object = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class PodValidationOptions:
    """Each `allow_*` is False for new objects; on updates it is True when the old object breaks that rule.

    `resource_is_pod` says that a pod itself is validated, not a template.
    """

    resource_is_pod: bool = False
    allow_invalid_label_value_in_selector: bool = False
    allow_indivisible_huge_pages_values: bool = False
    allow_invalid_topology_spread_constraint_label_selector: bool = False
    allow_non_local_projected_token_path: bool = False
    allow_namespaced_sysctls_for_host_net_and_host_ipc: bool = False
    allow_invalid_label_value_in_required_node_affinity: bool = False
    allow_user_namespaces_with_volume_devices: bool = False


NEW_POD = PodValidationOptions(resource_is_pod=True)
NEW_TEMPLATE = PodValidationOptions()


def options_for_update(old_spec: Object | None, *, resource_is_pod: bool = False) -> PodValidationOptions:
    """The options for the successor of a spec (upstream: GetValidationOptionsFromPodSpecAndMeta)."""
    if old_spec is None:
        return NEW_POD if resource_is_pod else NEW_TEMPLATE
    return PodValidationOptions(
        resource_is_pod=resource_is_pod,
        allow_invalid_label_value_in_selector=_has_invalid_affinity_selector(old_spec),
        allow_indivisible_huge_pages_values=_uses_indivisible_huge_pages(old_spec),
        allow_invalid_topology_spread_constraint_label_selector=_has_invalid_spread_selector(old_spec),
        allow_non_local_projected_token_path=_has_non_local_token_path(old_spec),
        allow_namespaced_sysctls_for_host_net_and_host_ipc=_has_namespaced_sysctl(old_spec),
        allow_invalid_label_value_in_required_node_affinity=_has_invalid_required_affinity(old_spec),
        allow_user_namespaces_with_volume_devices=_has_devices_in_user_namespace(old_spec),
    )


def template_options_for_update(old: Object | None) -> PodValidationOptions:
    """The options for the successor of a pod template."""
    return options_for_update((old or {}).get("spec"))


_PATH = Path("root")


def _affinity_terms(spec: Object) -> list[Object]:
    affinity = spec.get("affinity") or {}
    terms: list[Object] = []
    for name in ("podAffinity", "podAntiAffinity"):
        group = affinity.get(name) or {}
        terms += group.get("requiredDuringSchedulingIgnoredDuringExecution") or ()
        preferred = group.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        terms += [weighted.get("podAffinityTerm") or {} for weighted in preferred]
    return terms


def _has_invalid_affinity_selector(spec: Object) -> bool:
    return any(
        validate_label_selector(term.get(name), _PATH)
        for term in _affinity_terms(spec)
        for name in ("labelSelector", "namespaceSelector")
    )


def _has_invalid_spread_selector(spec: Object) -> bool:
    constraints = spec.get("topologySpreadConstraints") or ()
    return any(validate_label_selector(constraint.get("labelSelector"), _PATH) for constraint in constraints)


def _has_invalid_required_affinity(spec: Object) -> bool:
    from kubern_kubeapi.groups.core.node_selector import validate_node_selector

    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    return required is not None and bool(validate_node_selector(required, _PATH))


def _uses_indivisible_huge_pages(spec: Object) -> bool:
    lists: list[Object] = [spec.get("overhead") or {}]
    for name in ("containers", "initContainers", "ephemeralContainers"):
        for container in spec.get(name) or ():
            resources = container.get("resources") or {}
            lists += [resources.get("limits") or {}, resources.get("requests") or {}]
    return any(
        is_huge_page(name) and not is_huge_page_value_divisible(name, Quantity.parse(text))
        for resources in lists
        for name, text in resources.items()
    )


def _has_non_local_token_path(spec: Object) -> bool:
    from kubern_kubeapi.groups.core.pod.validation.paths import validate_local_non_reserved_path

    for volume in spec.get("volumes") or ():
        for source in (volume.get("projected") or {}).get("sources") or ():
            path = (source.get("serviceAccountToken") or {}).get("path")
            if path and validate_local_non_reserved_path(path, _PATH):
                return True
    return False


def _has_devices_in_user_namespace(spec: Object) -> bool:
    return spec.get("hostUsers") is False and any(
        container.get("volumeDevices")
        for name in ("containers", "initContainers", "ephemeralContainers")
        for container in spec.get(name) or ()
    )


def _has_namespaced_sysctl(spec: Object) -> bool:
    from kubern_kubeapi.groups.core.pod.validation.security import host_sysctl_problem

    sysctls = (spec.get("securityContext") or {}).get("sysctls") or ()
    return any(host_sysctl_problem(sysctl.get("name", ""), spec) for sysctl in sysctls)
