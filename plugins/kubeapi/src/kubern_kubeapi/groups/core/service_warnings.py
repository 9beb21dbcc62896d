"""Warnings about services: what is ignored, deprecated or oddly written (upstream: pkg/api/service/warnings.go)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery.field import Path
from kubern.apimachinery.validation import net
from kubern_kubeapi.groups.core.service_kind import CLUSTER_IP, EXTERNAL_NAME, HEADLESS, is_headless
from kubern_kubeapi.groups.core.service_validation import TOPOLOGY_HINTS_ANNOTATION, TOPOLOGY_MODE_ANNOTATION

Object = Mapping[str, Any]
_SPEC = Path("spec")


def service_warnings(obj: Object) -> list[str]:
    """Warnings about a new or changed service, in upstream's order."""
    spec = obj.get("spec", {})
    warnings = []
    if TOPOLOGY_HINTS_ANNOTATION in (obj["metadata"].get("annotations") or ()):
        warnings.append(
            f"annotation {TOPOLOGY_HINTS_ANNOTATION} is deprecated, please use {TOPOLOGY_MODE_ANNOTATION} instead"
        )
    if spec.get("clusterIP") and not is_headless(spec):
        for i, address in enumerate(spec.get("clusterIPs") or ()):
            warnings += net.warnings_for_ip(_SPEC.child("clusterIPs").index(i), address)
    warnings += _for_headless(spec)
    warnings += _for_addresses(spec)
    if spec.get("type") == EXTERNAL_NAME and spec.get("externalIPs"):
        warnings.append(f'spec.externalIPs is ignored when spec.type is "{EXTERNAL_NAME}"')
    if spec.get("type") != EXTERNAL_NAME and spec.get("externalName"):
        warnings.append(f'spec.externalName is ignored when spec.type is not "{EXTERNAL_NAME}"')
    if spec.get("trafficDistribution") == "PreferClose":
        warnings.append('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
    return warnings


def _is_headless(spec: Object) -> bool:
    return spec.get("type") == CLUSTER_IP and spec.get("clusterIP") == HEADLESS


def _for_headless(spec: Object) -> list[str]:
    if not _is_headless(spec):
        return []
    ignored = (
        ("loadBalancerIP", spec.get("loadBalancerIP")),
        ("externalIPs", spec.get("externalIPs")),
        ("SessionAffinity", spec.get("sessionAffinity") != "None"),
    )
    return [f"spec.{name} is ignored for headless services" for name, is_set in ignored if is_set]


def _for_addresses(spec: Object) -> list[str]:
    """Addresses and ranges from outside the cluster."""
    warnings = []
    external_ips = spec.get("externalIPs") or ()
    for i, address in enumerate(external_ips):
        warnings += net.warnings_for_ip(_SPEC.child("externalIPs").index(i), address)
    if external_ips and not _is_headless(spec) and spec.get("type") != EXTERNAL_NAME:
        warnings.append("spec.externalIPs is deprecated")
    if spec.get("loadBalancerIP"):
        warnings += net.warnings_for_ip(_SPEC.child("loadBalancerIP"), spec["loadBalancerIP"])
    for i, cidr in enumerate(spec.get("loadBalancerSourceRanges") or ()):
        warnings += net.warnings_for_cidr(_SPEC.child("loadBalancerSourceRanges").index(i), cidr)
    return warnings
