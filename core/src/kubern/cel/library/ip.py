"""ip(), isIP() and the properties of addresses (apiserver's cel/library/ip.go).

Next: `cidr.py`, `../runtime/netip.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kubern.cel.cost.sizes import traversal_cost
from kubern.cel.declarations import Function, Library, member, overload
from kubern.cel.errors import CelError
from kubern.cel.runtime.netip import Address, NetipError, parse_address
from kubern.cel.runtime.values import Value
from kubern.cel.types import BOOL, INT, STRING, opaque
from kubern.util.goquote import go_quote

IP = opaque("net.IP")


class IPValue(Value):
    """An address."""

    __slots__ = ("address",)
    cel_type = IP

    def __init__(self, address: Address) -> None:
        self.address = address

    def __repr__(self) -> str:
        return f"ip({self.address})"

    def equals(self, other: object) -> bool:
        return isinstance(other, IPValue) and self.address == other.address

    def size(self) -> int:
        return self.address.bits // 8


def _checked(text: str) -> Address:
    try:
        address = parse_address(text)
    except NetipError as error:
        shown = go_quote(text)
        raise CelError(f"IP Address {shown} parse error during conversion from string: {error}") from None
    if address.zone:
        raise CelError(f"IP address {go_quote(text)} with zone value is not allowed")
    if address.is_4in6:
        raise CelError(f"IPv4-mapped IPv6 address {go_quote(text)} is not allowed")
    return address


def parse_ip(text: str) -> IPValue:
    """ip(text)"""
    return IPValue(_checked(text))


def _is_ip(text: str) -> bool:
    try:
        _checked(text)
    except CelError:
        return False
    return True


def _to_string(value: IPValue) -> str:
    return str(value.address)


def _is_canonical(text: str) -> bool:
    return str(_checked(text)) == text


def _family(value: IPValue) -> int:
    return 4 if value.address.bits == 32 else 6


def _is_unspecified(address: Address) -> bool:
    return address.number == 0


def _is_loopback(address: Address) -> bool:
    return address.number >> 24 == 127 if address.bits == 32 else address.number == 1


def _is_link_local_multicast(address: Address) -> bool:
    if address.bits == 32:
        return address.number >> 8 == 0xE00000
    return address.number >> 112 & 0xFF0F == 0xFF02


def _is_link_local_unicast(address: Address) -> bool:
    if address.bits == 32:
        return address.number >> 16 == 0xA9FE
    return address.number >> 118 == 0xFE80 >> 6


def _is_multicast(address: Address) -> bool:
    return address.number >> 28 == 0xE if address.bits == 32 else address.number >> 120 == 0xFF


def _is_global_unicast(address: Address) -> bool:
    if address.bits == 32 and address.number in (0, 0xFFFFFFFF):
        return False
    return not (
        _is_unspecified(address) or _is_loopback(address) or _is_multicast(address) or _is_link_local_unicast(address)
    )


def _property(name: str, oid: str, test: Callable[[Address], bool]) -> Function:
    return Function(name, member(oid, (IP,), BOOL, lambda value: test(value.address)))


def _walk(factor: int) -> Callable[[tuple[Any, ...], Any], int]:
    return lambda args, _result: traversal_cost(len(args[0]) * factor)


def ip_library() -> Library:
    """Addresses and their properties."""
    return Library(
        name="kubernetes.net.ip",
        functions=(
            Function("ip", overload("string_to_ip", (STRING,), IP, parse_ip)),
            Function("isIP", overload("is_ip", (STRING,), BOOL, _is_ip)),
            Function("ip.isCanonical", overload("ip_is_canonical", (STRING,), BOOL, _is_canonical)),
            Function("string", overload("ip_to_string", (IP,), STRING, _to_string)),
            Function("family", member("family", (IP,), INT, _family)),
            _property("isUnspecified", "is_unspecified", _is_unspecified),
            _property("isLoopback", "is_loopback", _is_loopback),
            _property("isLinkLocalMulticast", "is_link_local_multicast", _is_link_local_multicast),
            _property("isLinkLocalUnicast", "is_link_local_unicast", _is_link_local_unicast),
            _property("isGlobalUnicast", "is_global_unicast", _is_global_unicast),
        ),
        types=(IP,),
        costs={"string_to_ip": _walk(1), "is_ip": _walk(1), "ip_is_canonical": _walk(2)},
    )
