"""Fills ipFamilyPolicy and ipFamilies of a service from what the cluster has (upstream: initIPFamilyFields).

Next: `hooks.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kubern.apimachinery import errors, field
from kubern.apimachinery.errors import GroupKind, StatusError
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation import net
from kubern_kubeapi.groups.core.service_families import validate_cluster_ips_related_fields
from kubern_kubeapi.groups.core.service_kind import EXTERNAL_NAME, HEADLESS, IPV4, IPV6, needs_cluster_ip

Object = dict[str, Any]

SINGLE_STACK = "SingleStack"
PREFER_DUAL_STACK = "PreferDualStack"
REQUIRE_DUAL_STACK = "RequireDualStack"
_POLICY = Path("spec", "ipFamilyPolicy")
_FAMILIES = Path("spec", "ipFamilies")
_CLUSTER_IPS = Path("spec", "clusterIPs")


def invalid_service(name: str, problems: ErrorList) -> StatusError:
    """422 for a service."""
    return errors.invalid(GroupKind("", "Service"), name, problems)


def family_of(address: str) -> str:
    """The IP family of a well-formed address."""
    return IPV6 if net.is_ipv6(address) else IPV4


def other_family(family: str) -> str:
    return IPV6 if family == IPV4 else IPV4


def init_ip_family_fields(service: Object, old: Object | None, configured: Sequence[str]) -> None:
    """Infer and check policy and families in place; `configured` are the cluster's, the default one first.

    Raises StatusError 422.
    """
    spec = service["spec"]
    old_spec = old.get("spec", {}) if old is not None else None
    if spec.get("type") == EXTERNAL_NAME or keeps_prefer_dual_stack(spec, old_spec):
        return
    name = service["metadata"].get("name", "")
    if spec.get("ipFamilyPolicy") is None:
        spec["ipFamilyPolicy"] = _default_policy(spec, old_spec)
    problems = validate_cluster_ips_related_fields(spec, old_spec)
    if problems:
        raise invalid_service(name, problems)
    problems = _reconcile_with_old(spec, old_spec) if old_spec is not None else []
    problems += _check_single_stack(spec)
    problems += _infer_families(spec, configured)
    if problems:
        raise invalid_service(name, problems)
    if spec.get("clusterIP") == HEADLESS and not spec.get("selector"):
        _headless_without_selector(spec, configured[0])
        return
    problems = _check_configured(spec, configured)
    if problems:
        raise invalid_service(name, problems)
    families = spec["ipFamilies"] = list(spec.get("ipFamilies") or configured[:1])
    if spec["ipFamilyPolicy"] != SINGLE_STACK and len(families) == 1 and len(configured) == 2:
        families.append(other_family(families[0]))


def _default_policy(spec: Object, old_spec: Object | None) -> str:
    if old_spec is not None and old_spec.get("ipFamilyPolicy") is not None:
        return str(old_spec["ipFamilyPolicy"])
    if spec.get("clusterIP") == HEADLESS and not spec.get("selector"):
        return REQUIRE_DUAL_STACK
    return SINGLE_STACK


def keeps_prefer_dual_stack(spec: Object, old_spec: Object | None) -> bool:
    """Whether an update leaves a PreferDualStack service as it is, whatever the cluster has become."""
    if old_spec is None or spec.get("ipFamilyPolicy") is None:
        return False
    if old_spec.get("type") != spec.get("type") or not needs_cluster_ip(spec):
        return False
    if spec["ipFamilyPolicy"] != PREFER_DUAL_STACK:
        return False
    if old_spec.get("ipFamilyPolicy") not in (None, PREFER_DUAL_STACK):
        return False
    return _same(spec, old_spec, "clusterIPs") and _same(spec, old_spec, "ipFamilies")


def _same(spec: Object, old_spec: Object, name: str) -> bool:
    return (spec.get(name) or []) == (old_spec.get(name) or [])


def _reconcile_with_old(spec: Object, old_spec: Object) -> ErrorList:
    """Policy SingleStack drops what was not changed; fewer entries under another policy are an error."""
    problems: ErrorList = []
    words = {"clusterIPs": "cluster IP", "ipFamilies": "IP family"}
    for name, what in words.items():
        values = spec.get(name) or []
        if spec["ipFamilyPolicy"] == SINGLE_STACK:
            if _same(spec, old_spec, name) and len(values) > 1:
                spec[name] = values[:1]
        elif values and len(values) < len(old_spec.get(name) or []):
            detail = f"must be 'SingleStack' to release the secondary {what}"
            problems.append(field.invalid(_POLICY, spec["ipFamilyPolicy"], detail))
    return problems


def _check_single_stack(spec: Object) -> ErrorList:
    if spec["ipFamilyPolicy"] != SINGLE_STACK:
        return []
    detail = "must be 'RequireDualStack' or 'PreferDualStack' when multiple {} are specified"
    return [
        field.invalid(_POLICY, SINGLE_STACK, detail.format(what))
        for name, what in (("clusterIPs", "cluster IPs"), ("ipFamilies", "IP families"))
        if len(spec.get(name) or ()) == 2
    ]


def _infer_families(spec: Object, configured: Sequence[str]) -> ErrorList:
    problems: ErrorList = []
    addresses = spec.get("clusterIPs") or []
    families = list(spec.get("ipFamilies") or ())
    for i, address in enumerate(addresses):
        if address == HEADLESS:
            break
        family = family_of(address)
        if i < len(families):
            continue
        if family not in configured:
            detail = f"{family} is not configured on this cluster"
            problems.append(field.invalid(_CLUSTER_IPS.index(i), addresses, detail))
        else:
            families.append(family)
    if families:
        spec["ipFamilies"] = families
    return problems


def _headless_without_selector(spec: Object, default: str) -> None:
    """Such services may name families that the cluster does not have: their endpoints are made by hand."""
    families = list(spec.get("ipFamilies") or [default])
    if len(families) < 2 and spec["ipFamilyPolicy"] != SINGLE_STACK:
        families.append(other_family(families[0]))
    spec["ipFamilies"] = families


def _check_configured(spec: Object, configured: Sequence[str]) -> ErrorList:
    problems: ErrorList = []
    if spec["ipFamilyPolicy"] == REQUIRE_DUAL_STACK and len(configured) < 2:
        detail = "this cluster is not configured for dual-stack services"
        problems.append(field.invalid(_POLICY, REQUIRE_DUAL_STACK, detail))
    for i, family in enumerate(spec.get("ipFamilies") or ()):
        if family not in configured:
            problems.append(field.invalid(_FAMILIES.index(i), family, "not configured on this cluster"))
    return problems
