"""cidr(), isCIDR() and what networks contain (apiserver's cel/library/cidr.go).

Next: `../runtime/netip.py`.
"""

from __future__ import annotations

from typing import Any

from kubern.cel.cost.sizes import traversal_cost
from kubern.cel.declarations import Function, Library, member, overload
from kubern.cel.errors import CelError
from kubern.cel.library.ip import IP, IPValue, parse_ip
from kubern.cel.runtime.netip import NetipError, Prefix, parse_prefix
from kubern.cel.runtime.values import Value
from kubern.cel.types import BOOL, INT, STRING, opaque
from kubern.util.goquote import go_quote

CIDR = opaque("net.CIDR")
_PARSE_ERROR = "network address parse error during conversion from string: "


class CIDRValue(Value):
    """A network: an address, not necessarily masked, and a prefix length."""

    __slots__ = ("prefix",)
    cel_type = CIDR

    def __init__(self, prefix: Prefix) -> None:
        self.prefix = prefix

    def __repr__(self) -> str:
        return f"cidr({self.prefix})"

    def equals(self, other: object) -> bool:
        return isinstance(other, CIDRValue) and self.prefix == other.prefix

    def size(self) -> int:
        # The prefix length rounded up to bytes.
        return -(-self.prefix.length // 8)


def _checked(text: str) -> Prefix:
    try:
        prefix = parse_prefix(text)
    except NetipError as error:
        raise CelError(f"{_PARSE_ERROR}{error}") from None
    if prefix.address.is_4in6:
        raise CelError(f"IPv4-mapped IPv6 address {go_quote(text)} is not allowed")
    return prefix


def _parse(text: str) -> CIDRValue:
    try:
        return CIDRValue(_checked(text))
    except CelError as error:
        # Upstream adds its prefix twice.
        raise CelError(f"{_PARSE_ERROR}{error}") from None


def _is_cidr(text: str) -> bool:
    try:
        _checked(text)
    except CelError:
        return False
    return True


def _to_string(value: CIDRValue) -> str:
    return str(value.prefix)


def _contains_ip(value: CIDRValue, other: IPValue) -> bool:
    prefix, address = value.prefix, other.address
    if prefix.address.bits != address.bits:
        return False
    return prefix.address.masked(prefix.length) == address.masked(prefix.length)


def _contains_ip_text(value: CIDRValue, other: str) -> bool:
    return _contains_ip(value, parse_ip(other))


def _contains_cidr(value: CIDRValue, other: CIDRValue) -> bool:
    mine, theirs = value.prefix, other.prefix
    if mine.address.bits != theirs.address.bits or mine.length > theirs.length:
        return False
    return mine.address.masked(mine.length) == theirs.address.masked(mine.length)


def _contains_cidr_text(value: CIDRValue, other: str) -> bool:
    return _contains_cidr(value, _parse(other))


def _ip(value: CIDRValue) -> IPValue:
    return IPValue(value.prefix.address)


def _masked(value: CIDRValue) -> CIDRValue:
    prefix = value.prefix
    return CIDRValue(Prefix(prefix.address.masked(prefix.length), prefix.length))


def _prefix_length(value: CIDRValue) -> int:
    return value.prefix.length


def _parse_cost(args: tuple[Any, ...], _result: Any) -> int:
    return traversal_cost(len(args[0]))


def _contains_cost(args: tuple[Any, ...], _result: Any) -> int:
    cost = traversal_cost(args[0].size() * 2)
    return cost + (traversal_cost(len(args[1])) if isinstance(args[1], str) else 0)


def _contains_cidr_cost(args: tuple[Any, ...], result: Any) -> int:
    return _contains_cost(args, result) + traversal_cost(args[0].size()) + 1


def cidr_library() -> Library:
    """Networks and what lies within them."""
    return Library(
        name="kubernetes.net.cidr",
        functions=(
            Function("cidr", overload("string_to_cidr", (STRING,), CIDR, _parse)),
            Function("isCIDR", overload("is_cidr", (STRING,), BOOL, _is_cidr)),
            Function("string", overload("cidr_to_string", (CIDR,), STRING, _to_string)),
            Function(
                "containsIP",
                member("cidr_contains_ip_string", (CIDR, STRING), BOOL, _contains_ip_text),
                member("cidr_contains_ip_ip", (CIDR, IP), BOOL, _contains_ip),
            ),
            Function(
                "containsCIDR",
                member("cidr_contains_cidr_string", (CIDR, STRING), BOOL, _contains_cidr_text),
                member("cidr_contains_cidr", (CIDR, CIDR), BOOL, _contains_cidr),
            ),
            Function("ip", member("cidr_ip", (CIDR,), IP, _ip)),
            Function("prefixLength", member("cidr_prefix_length", (CIDR,), INT, _prefix_length)),
            Function("masked", member("cidr_masked", (CIDR,), CIDR, _masked)),
        ),
        types=(CIDR,),
        costs={
            "string_to_cidr": _parse_cost,
            "is_cidr": _parse_cost,
            "cidr_contains_ip_string": _contains_cost,
            "cidr_contains_ip_ip": _contains_cost,
            "cidr_contains_cidr_string": _contains_cidr_cost,
            "cidr_contains_cidr": _contains_cidr_cost,
        },
    )
