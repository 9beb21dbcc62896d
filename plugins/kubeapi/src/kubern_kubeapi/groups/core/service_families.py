"""clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy agree (upstream: pkg/apis/core/validation).

Next: `service_validation.py`; `allocation/families.py` fills what a client left out.
"""

from __future__ import annotations

from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation import net
from kubern_kubeapi.groups.core.service_kind import EXTERNAL_NAME, HEADLESS, IPV4, IPV6, is_headless

Object = dict[str, Any]

IP_FAMILIES = (IPV4, IPV6)
IP_FAMILY_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_SPEC = Path("spec")
_CLUSTER_IPS = _SPEC.child("clusterIPs")
_FAMILIES = _SPEC.child("ipFamilies")
_POLICY = _SPEC.child("ipFamilyPolicy")
_ONCE = "may not change once set"


def validate_cluster_ips_related_fields(spec: Object, old: Object | None = None) -> ErrorList:
    """Problems of the addresses and families of a service that is not of type ExternalName."""
    if spec.get("type") == EXTERNAL_NAME:
        return []
    addresses = spec.get("clusterIPs") or []
    families = spec.get("ipFamilies") or []
    errors = _validate_first(spec.get("clusterIP") or "", addresses)
    for i, family in enumerate(families):
        if family not in IP_FAMILIES:
            errors.append(field.not_supported(_FAMILIES.index(i), family, IP_FAMILIES))
        if family in families[:i]:
            errors.append(field.duplicate(_FAMILIES.index(i), family))
    policy = spec.get("ipFamilyPolicy")
    if policy is not None and policy not in IP_FAMILY_POLICIES:
        errors.append(field.not_supported(_POLICY, policy, IP_FAMILY_POLICIES))
    problems, malformed = _validate_addresses(addresses, (old or {}).get("clusterIPs") or [])
    errors += problems
    if malformed:
        return errors
    if len(addresses) > 1 and not _is_dual_stack(addresses):
        errors.append(field.invalid(_CLUSTER_IPS, addresses, "may specify no more than one IP for each IP family"))
    if not is_headless(spec):
        errors += _validate_match(addresses, families)
    return errors


def _validate_first(first: str, addresses: list[str]) -> ErrorList:
    if first:
        if not addresses:
            return [field.required(_CLUSTER_IPS)]
        if addresses[0] != first:
            return [field.invalid(_CLUSTER_IPS, addresses, "first value must match `clusterIP`")]
    elif addresses:
        return [field.invalid(_CLUSTER_IPS, addresses, "must be empty when `clusterIP` is not specified")]
    return []


def _validate_addresses(addresses: list[str], known: list[str]) -> tuple[ErrorList, bool]:
    errors: ErrorList = []
    malformed = False
    for i, address in enumerate(addresses):
        if i == 0 and address == HEADLESS:
            if len(addresses) > 1:
                malformed = True
                errors.append(field.invalid(_CLUSTER_IPS, addresses, "'None' must be the first and only value"))
            continue
        problems = net.validate_ip_for_legacy_field(_CLUSTER_IPS.index(i), address, known)
        malformed = malformed or bool(problems)
        errors += problems
    if len(addresses) > 2:
        errors.append(field.invalid(_CLUSTER_IPS, addresses, "may only hold up to 2 values"))
    return errors, malformed


def _is_dual_stack(addresses: list[str]) -> bool:
    return {net.is_ipv6(a) for a in addresses} == {True, False}


def _validate_match(addresses: list[str], families: list[str]) -> ErrorList:
    errors: ErrorList = []
    for i, (address, family) in enumerate(zip(addresses, families, strict=False)):
        if family in IP_FAMILIES and (family == IPV6) != net.is_ipv6(address):
            detail = f"expected an {family} value as indicated by `ipFamilies[{i}]`"
            errors.append(field.invalid(_CLUSTER_IPS.index(i), address, detail))
    return errors


def validate_upgrade_downgrade_cluster_ips(spec: Object, old: Object) -> ErrorList:
    """The first address stays; the second may come, and go under policy SingleStack."""
    if EXTERNAL_NAME in (spec.get("type"), old.get("type")) or (is_headless(spec) and is_headless(old)):
        return []
    new_ips, old_ips = spec.get("clusterIPs") or [], old.get("clusterIPs") or []
    if len(new_ips) == len(old_ips):
        return [
            field.invalid(_CLUSTER_IPS.index(i), new_ips, _ONCE)
            for i, address in enumerate(old_ips)
            if address != new_ips[i]
        ]
    errors: ErrorList = []
    if len(old_ips) > len(new_ips) and not new_ips:
        errors.append(field.invalid(_CLUSTER_IPS.index(0), new_ips or None, "primary clusterIP can not be unset"))
    if old_ips and new_ips and new_ips[0] != old_ips[0]:
        errors.append(field.invalid(_CLUSTER_IPS.index(0), new_ips, _ONCE))
    policy = spec.get("ipFamilyPolicy")
    if len(old_ips) > len(new_ips) == 1 and policy != "SingleStack":
        detail = "must be set to 'SingleStack' when releasing the secondary clusterIP"
        errors.append(field.invalid(_POLICY, policy, detail))
    return errors


def validate_upgrade_downgrade_ip_families(spec: Object, old: Object) -> ErrorList:
    """The first family stays; the second may come, and go under policy SingleStack. Headless ones are free."""
    if EXTERNAL_NAME in (spec.get("type"), old.get("type")) or is_headless(spec) or is_headless(old):
        return []
    new, previous = spec.get("ipFamilies") or [], old.get("ipFamilies") or []
    addresses = spec.get("clusterIPs") or []
    at = _FAMILIES.index(0)
    if len(new) == len(previous):
        return [field.invalid(at, new, _ONCE) for a, b in zip(new, previous, strict=True) if a != b]
    errors: ErrorList = []
    if len(previous) > len(new) and not addresses:
        errors.append(field.invalid(at, new or None, "primary ipFamily can not be unset"))
    if new and previous and new[0] != previous[0]:
        errors.append(field.invalid(at, addresses, _ONCE))
    policy = spec.get("ipFamilyPolicy")
    if len(previous) > len(new) == 1 and policy != "SingleStack":
        detail = "must be set to 'SingleStack' when releasing the secondary ipFamily"
        errors.append(field.invalid(_POLICY, policy, detail))
    return errors
