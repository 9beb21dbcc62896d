"""IP addresses and CIDRs (upstream: util/validation/ip.go and k8s.io/utils/net).

Fields from before Kubernetes was strict take leading zeros ("legacy"); newer ones want the canonical form.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any, Final

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.util.goquote import go_quote

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_INVALID_IP: Final = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
_INVALID_CIDR: Final = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def parse_ip_sloppy(text: str) -> IPAddress | None:
    """An address, with leading zeros allowed in IPv4 parts and no zone; None when it is none."""
    if "%" in text:
        return None
    try:
        if ":" in text:
            return ipaddress.IPv6Address(text)
        return ipaddress.IPv4Address(_without_leading_zeros(text))
    except ValueError:
        return None


def _without_leading_zeros(text: str) -> str:
    if ".0" not in text and not text.startswith("0"):
        return text
    return ".".join(part.lstrip("0") or part[-1:] for part in text.split("."))


def parse_cidr_sloppy(text: str) -> tuple[IPAddress, IPNetwork] | None:
    """(address, network) of `address/bits`; None when it is none."""
    head, slash, bits = text.partition("/")
    address = parse_ip_sloppy(head)
    if address is None or not slash or not (bits.isascii() and bits.isdigit()):
        return None
    if int(bits) > address.max_prefixlen:
        return None
    return address, ipaddress.ip_network((address, int(bits)), strict=False)


def _is_4_in_6(address: IPAddress) -> bool:
    return isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None


def is_ipv6(text: str) -> bool:
    """Whether the text is an IPv6 address (IPv4-mapped ones count as IPv4, as in Go)."""
    address = parse_ip_sloppy(text)
    return address is not None and address.version == 6 and not _is_4_in_6(address)


def is_valid_ip_for_legacy_field(path: Path, value: str) -> ErrorList:
    return [] if parse_ip_sloppy(value) is not None else [field.invalid(path, value, _INVALID_IP)]


def is_valid_ip(path: Path, value: str) -> ErrorList:
    """A canonical address."""
    address = parse_ip_sloppy(value)
    if address is None:
        return [field.invalid(path, value, _INVALID_IP)]
    errors = []
    if ":" not in value and str(address) != value:
        errors.append(field.invalid(path, value, "must not have leading 0s"))
    if _is_4_in_6(address):
        errors.append(field.invalid(path, value, "must not be an IPv4-mapped IPv6 address"))
    if not errors and str(address) != value:
        errors.append(field.invalid(path, value, f"must be in canonical form ({go_quote(str(address))})"))
    return errors


def is_valid_cidr_for_legacy_field(path: Path, value: str) -> ErrorList:
    return [] if parse_cidr_sloppy(value) is not None else [field.invalid(path, value, _INVALID_CIDR)]


def is_valid_cidr(path: Path, value: str) -> ErrorList:
    """A canonical CIDR."""
    parsed = parse_cidr_sloppy(value)
    if parsed is None:
        return [field.invalid(path, value, _INVALID_CIDR)]
    address, network = parsed
    head, _, bits = value.partition("/")
    if (":" not in head and str(address) != head) or (len(bits) > 1 and bits.startswith("0")):
        return [field.invalid(path, value, "must not have leading 0s in IP or prefix length")]
    if _is_4_in_6(address):
        return [field.invalid(path, value, "must not have an IPv4-mapped IPv6 address")]
    if address != network.network_address:
        return [field.invalid(path, value, "must not have bits set beyond the prefix length")]
    if str(network) != value:
        return [field.invalid(path, value, f"must be in canonical form ({go_quote(str(network))})")]
    return []


def _is_dual_stack(values: Iterable[str], parse: Callable[[str], Any]) -> bool:
    families = {parse(value).version for value in values}
    return families == {4, 6}


def is_dual_stack_ips(values: Iterable[str]) -> bool:
    """Whether both families are there. Raises ValueError with upstream's words for a text that is no address."""

    def parse(pair: str) -> IPAddress:
        address = parse_ip_sloppy(pair)
        if address is None:
            raise ValueError(f"invalid IP: {pair}")
        return address

    return _is_dual_stack(values, parse)


def is_dual_stack_cidrs(values: Iterable[str]) -> bool:
    """Whether both families are there. Raises ValueError with upstream's words for a text that is no CIDR."""

    def parse(text: str) -> IPNetwork:
        parsed = parse_cidr_sloppy(text)
        if parsed is None:
            raise ValueError(f"invalid CIDR address: {text}")
        return parsed[1]

    return _is_dual_stack(values, parse)
