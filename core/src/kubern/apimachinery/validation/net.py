"""Addresses, CIDRs and ports (upstream: util/validation/ip.go and validation.go).

New values are held to today's rules; values that an older server accepted stay valid where a caller names
them. Next: the kinds with addresses, e.g. services.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Final

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.formats import is_valid_port_num
from kubern.util.goquote import go_quote

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_IP_MESSAGE: Final = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
_CIDR_MESSAGE: Final = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def parse_ip_strict(text: str) -> IPAddress | None:
    """An address without leading zeros or zone, None when it is none (upstream: netip.ParseAddr)."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return None if "%" in text else address


def parse_ip(text: str) -> IPAddress | None:
    """As `parse_ip_strict`, but leading zeros are skipped (upstream: netutils.ParseIPSloppy).

    An IPv4-mapped IPv6 address is its IPv4 address, as for Go's net.IP.
    """
    address = parse_ip_strict(text)
    if address is None and "." in text:
        head, _, tail = text.rpartition(":")
        parts = tail.split(".")
        if all(p.isascii() and p.isdigit() for p in parts):
            plain = ".".join(p.lstrip("0") or "0" for p in parts)
            address = parse_ip_strict(f"{head}:{plain}" if head else plain)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_ipv4_mapped(text: str) -> bool:
    """Whether the text is an IPv6 address that wraps an IPv4 one."""
    address = parse_ip_strict(text)
    return isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None


def is_ipv6(text: str) -> bool:
    """Whether the text is an IPv6 address that is not an IPv4 one in disguise."""
    address = parse_ip(text)
    return address is not None and address.version == 6


def parse_cidr(text: str) -> tuple[IPAddress, IPNetwork] | None:
    """Address and network of a CIDR, leading zeros skipped (upstream: netutils.ParseCIDRSloppy)."""
    head, slash, length = text.partition("/")
    address = parse_ip(head)
    if not slash or address is None or not (length.isascii() and length.isdigit()):
        return None
    bits = int(length)
    if address.version == 4 and ":" in head:
        bits -= 96
    if not 0 <= bits <= address.max_prefixlen:
        return None
    return address, ipaddress.ip_network((address, bits), strict=False)


def _strict_ip_problems(path: Path, value: str) -> ErrorList:
    if parse_ip(value) is None:
        return [field.invalid(path, value, _IP_MESSAGE)]
    if parse_ip_strict(value) is None:
        return [field.invalid(path, value, "must not have leading 0s")]
    if is_ipv4_mapped(value):
        return [field.invalid(path, value, "must not be an IPv4-mapped IPv6 address")]
    return []


def validate_ip_for_legacy_field(path: Path, value: str, valid_old: Collection[str] = ()) -> ErrorList:
    """An address in any spelling (upstream: IsValidIPForLegacyField, StrictIPCIDRValidation on)."""
    return [] if value in valid_old else _strict_ip_problems(path, value)


def validate_ip(path: Path, value: str) -> ErrorList:
    """An address in canonical form (upstream: IsValidIP)."""
    errors = _strict_ip_problems(path, value)
    if not errors and value != (canonical := str(parse_ip(value))):
        errors.append(field.invalid(path, value, f"must be in canonical form ({go_quote(canonical)})"))
    return errors


def _strict_cidr_problems(path: Path, value: str) -> ErrorList:
    parsed = parse_cidr(value)
    if parsed is None:
        return [field.invalid(path, value, _CIDR_MESSAGE)]
    head, _, length = value.partition("/")
    if parse_ip_strict(head) is None or (len(length) > 1 and length.startswith("0")):
        return [field.invalid(path, value, "must not have leading 0s in IP or prefix length")]
    if is_ipv4_mapped(head):
        return [field.invalid(path, value, "must not have an IPv4-mapped IPv6 address")]
    address, network = parsed
    if address != network.network_address:
        return [field.invalid(path, value, "must not have bits set beyond the prefix length")]
    return []


def validate_cidr_for_legacy_field(path: Path, value: str, valid_old: Collection[str] = ()) -> ErrorList:
    """A CIDR in any spelling (upstream: IsValidCIDRForLegacyField, StrictIPCIDRValidation on)."""
    return [] if value in valid_old else _strict_cidr_problems(path, value)


def validate_cidr(path: Path, value: str) -> ErrorList:
    """A CIDR in canonical form (upstream: IsValidCIDR)."""
    errors = _strict_cidr_problems(path, value)
    parsed = parse_cidr(value)
    if not errors and parsed is not None and value != (canonical := str(parsed[1])):
        errors.append(field.invalid(path, value, f"must be in canonical form ({go_quote(canonical)})"))
    return errors


def warnings_for_ip(path: Path, value: str) -> list[str]:
    """What is wrong with an address that is accepted for old times' sake (upstream: GetWarningsForIP)."""
    loose, strict = parse_ip(value), parse_ip_strict(value)
    if loose is None:
        return []
    if strict is None or is_ipv4_mapped(value):
        return [
            f"{path}: non-standard IP address {go_quote(value)} will be considered invalid in a future Kubernetes "
            f"release: use {go_quote(str(loose))}"
        ]
    if strict.version == 6 and str(strict) != value:
        return [
            f"{path}: IPv6 address {go_quote(value)} should be in RFC 5952 canonical format ({go_quote(str(strict))})"
        ]
    return []


def warnings_for_cidr(path: Path, value: str) -> list[str]:
    """What is wrong with a CIDR that is accepted for old times' sake (upstream: GetWarningsForCIDR)."""
    parsed = parse_cidr(value)
    if parsed is None:
        return []
    address, network = parsed
    warnings = []
    if address != network.network_address:
        single = f"{address}/{address.max_prefixlen}"
        warnings.append(
            f"{path}: CIDR value {go_quote(value)} is ambiguous in this context (should be "
            f"{go_quote(str(network))} or {go_quote(single)}?)"
        )
    head, _, length = value.partition("/")
    if parse_ip_strict(head) is None or is_ipv4_mapped(head) or (len(length) > 1 and length.startswith("0")):
        warnings.append(
            f"{path}: non-standard CIDR value {go_quote(value)} will be considered invalid in a future Kubernetes "
            f"release: use {go_quote(str(network))}"
        )
    if not warnings and network.version == 6 and str(network) != value:
        warnings.append(
            f"{path}: IPv6 CIDR value {go_quote(value)} should be in RFC 5952 canonical format "
            f"({go_quote(str(network))})"
        )
    return warnings


def validate_non_special_ip(value: str, path: Path) -> ErrorList:
    """An address that can be another machine's: not unspecified, loopback or link-local."""
    address = parse_ip(value)
    if address is None:
        return [field.invalid(path, value, "must be a valid IP address")]
    errors: ErrorList = []
    if address.is_unspecified:
        errors.append(field.invalid(path, value, f"may not be unspecified ({value})"))
    if address.is_loopback:
        errors.append(field.invalid(path, value, "may not be in the loopback range (127.0.0.0/8, ::1/128)"))
    if address.is_link_local:
        detail = "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
        errors.append(field.invalid(path, value, detail))
    if _is_link_local_multicast(address):
        detail = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
        errors.append(field.invalid(path, value, detail))
    return errors


def _is_link_local_multicast(address: IPAddress) -> bool:
    packed = address.packed
    if address.version == 4:
        return packed[:3] == b"\xe0\x00\x00"
    return packed[0] == 0xFF and packed[1] & 0x0F == 0x02


def validate_port_num(port: int, path: Path) -> ErrorList:
    return [field.invalid(path, port, m) for m in is_valid_port_num(port)]
