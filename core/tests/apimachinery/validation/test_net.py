"""Addresses, CIDRs and ports."""

from __future__ import annotations

import pytest

from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation import net

AT = Path("f")


def details(errors: ErrorList) -> list[str]:
    return [e.detail for e in errors]


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ("10.9.8.7", ""),
        ("2001:DB8::1", ""),
        ("nope", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"),
        ("1.2.3", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"),
        ("fe80::1%eth0", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"),
        ("010.002.003.004", "must not have leading 0s"),
        ("::ffff:1.2.3.4", "must not be an IPv4-mapped IPv6 address"),
    ],
)
def test_legacy_field_takes_any_spelling_but_leading_zeros(value: str, detail: str) -> None:
    """A legacy field takes what net.ParseIP takes, less leading zeros and mapped addresses."""
    assert details(net.validate_ip_for_legacy_field(AT, value)) == ([detail] if detail else [])
    assert net.validate_ip_for_legacy_field(AT, value, [value]) == []


def test_new_fields_want_the_canonical_form() -> None:
    """A field without a past takes one spelling only and names it."""
    assert details(net.validate_ip(AT, "2001:DB8::1")) == ['must be in canonical form ("2001:db8::1")']
    assert details(net.validate_cidr(AT, "2001:DB8::/64")) == ['must be in canonical form ("2001:db8::/64")']


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ("10.0.0.0/24", ""),
        ("10.0.0.1", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),
        ("10.0.0.0/33", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),
        ("010.0.0.0/24", "must not have leading 0s in IP or prefix length"),
        ("10.0.0.0/024", "must not have leading 0s in IP or prefix length"),
        ("::ffff:10.0.0.0/120", "must not have an IPv4-mapped IPv6 address"),
        ("10.0.0.1/24", "must not have bits set beyond the prefix length"),
    ],
)
def test_cidr(value: str, detail: str) -> None:
    """A CIDR names a network, without host bits."""
    assert details(net.validate_cidr_for_legacy_field(AT, value)) == ([detail] if detail else [])


def test_special_addresses_are_named() -> None:
    """Addresses that mean this machine or this link are refused with the range they are in."""
    assert details(net.validate_non_special_ip("0.0.0.0", AT)) == ["may not be unspecified (0.0.0.0)"]
    assert len(net.validate_non_special_ip("ff02::1", AT)) == 1
    assert net.validate_non_special_ip("10.1.2.3", AT) == []
