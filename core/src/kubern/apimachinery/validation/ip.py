"""Upstream's names for the checks of `net.py`, and whether addresses or CIDRs are of both families."""

from __future__ import annotations

from collections.abc import Iterable

from kubern.apimachinery.validation.net import parse_cidr, parse_ip
from kubern.apimachinery.validation.net import validate_cidr as is_valid_cidr
from kubern.apimachinery.validation.net import validate_cidr_for_legacy_field as is_valid_cidr_for_legacy_field
from kubern.apimachinery.validation.net import validate_ip as is_valid_ip
from kubern.apimachinery.validation.net import validate_ip_for_legacy_field as is_valid_ip_for_legacy_field

__all__ = [
    "is_dual_stack_cidrs",
    "is_dual_stack_ips",
    "is_valid_cidr",
    "is_valid_cidr_for_legacy_field",
    "is_valid_ip",
    "is_valid_ip_for_legacy_field",
]


def is_dual_stack_ips(values: Iterable[str]) -> bool:
    """Whether both families are among well-formed addresses."""
    return {address.version for address in map(parse_ip, values) if address is not None} == {4, 6}


def is_dual_stack_cidrs(values: Iterable[str]) -> bool:
    """Whether both families are among well-formed CIDRs."""
    return {parsed[1].version for parsed in map(parse_cidr, values) if parsed is not None} == {4, 6}
