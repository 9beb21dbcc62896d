"""IP addresses and prefixes as Go's net/netip reads and prints them, error texts included.

Next: `../library/ip.py`, `../library/cidr.py`.
"""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

from kubern.util.goquote import go_quote

_DIGITS = "0123456789"
_HEX = "0123456789abcdefABCDEF"


class NetipError(ValueError):
    """The text is no address or prefix; the message is Go's."""


class Address(NamedTuple):
    """An address: the number, how many bits it has, the zone of a scoped one."""

    number: int
    bits: int
    zone: str = ""

    @property
    def is_4in6(self) -> bool:
        """Whether it is an IPv4 address mapped into IPv6."""
        return self.bits == 128 and self.number >> 32 == 0xFFFF

    def __str__(self) -> str:
        if self.bits == 32:
            return str(ipaddress.IPv4Address(self.number))
        if self.is_4in6:
            text = f"::ffff:{ipaddress.IPv4Address(self.number & 0xFFFFFFFF)}"
        else:
            text = str(ipaddress.IPv6Address(self.number))
        return f"{text}%{self.zone}" if self.zone else text

    def masked(self, length: int) -> Address:
        """The address with all bits behind the prefix cleared."""
        shift = self.bits - length
        return Address(self.number >> shift << shift, self.bits)


class Prefix(NamedTuple):
    """An address and the length of its network part."""

    address: Address
    length: int

    def __str__(self) -> str:
        return f"{self.address}/{self.length}"


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text

    def fail(self, message: str, at: str = "") -> NetipError:
        where = f" (at {go_quote(at)})" if at else ""
        return NetipError(f"ParseAddr({go_quote(self.text)}): {message}{where}")

    def ipv4(self, text: str) -> int:
        """The number of a dotted address."""
        fields: list[int] = []
        value, digits = 0, 0
        for index, char in enumerate(text):
            if char in _DIGITS:
                if digits == 1 and value == 0:
                    raise self.fail("IPv4 field has octet with leading zero")
                value, digits = value * 10 + int(char), digits + 1
                if value > 255:
                    raise self.fail("IPv4 field has value >255")
            elif char == ".":
                if index in (0, len(text) - 1) or text[index - 1] == ".":
                    raise self.fail("IPv4 field must have at least one digit", text[index:])
                if len(fields) == 3:
                    raise self.fail("IPv4 address too long")
                fields.append(value)
                value, digits = 0, 0
            else:
                raise self.fail("unexpected character", text[index:])
        if len(fields) < 3:
            raise self.fail("IPv4 address too short")
        return int.from_bytes(bytes([*fields, value]), "big")

    def ipv6(self) -> Address:
        """The address of a text with colons."""
        rest, percent, zone = self.text.partition("%")
        if percent and not zone:
            raise self.fail("zone must be a non-empty string")
        parts: list[int] = []
        ellipsis = -1
        if rest.startswith("::"):
            ellipsis, rest = 0, rest[2:]
            if not rest:
                return Address(0, 128, zone)
        while len(parts) < 8:
            end = self._hex_end(rest)
            if rest[end : end + 1] == ".":
                parts.extend(self._embedded(rest, len(parts), ellipsis))
                rest = ""
                break
            parts.append(int(rest[:end], 16))
            rest = rest[end:]
            if not rest:
                break
            rest = self._after_colon(rest)
            if rest.startswith(":"):
                if ellipsis >= 0:
                    raise self.fail("multiple :: in address", rest)
                ellipsis, rest = len(parts), rest[1:]
                if not rest:
                    break
        if rest:
            raise self.fail("trailing garbage after address", rest)
        return Address(self._number(parts, ellipsis), 128, zone)

    def _hex_end(self, rest: str) -> int:
        end = 0
        while end < len(rest) and rest[end] in _HEX:
            if end > 3:
                raise self.fail("each group must have 4 or less digits", rest)
            end += 1
        if end == 0:
            raise self.fail("each colon-separated field must have at least one digit", rest)
        return end

    def _after_colon(self, rest: str) -> str:
        if rest[0] != ":":
            raise self.fail("unexpected character, want colon", rest)
        if len(rest) == 1:
            raise self.fail("colon must be followed by more characters", rest)
        return rest[1:]

    def _embedded(self, rest: str, count: int, ellipsis: int) -> tuple[int, int]:
        if ellipsis < 0 and count != 6:
            raise self.fail("embedded IPv4 address must replace the final 2 fields of the address", rest)
        if count > 6:
            raise self.fail("too many hex fields to fit an embedded IPv4 at the end of the address", rest)
        number = self.ipv4(rest)
        return number >> 16, number & 0xFFFF

    def _number(self, parts: list[int], ellipsis: int) -> int:
        if len(parts) < 8:
            if ellipsis < 0:
                raise self.fail("address string too short")
            parts[ellipsis:ellipsis] = [0] * (8 - len(parts))
        elif ellipsis >= 0:
            raise self.fail("the :: must expand to at least one field of zeros")
        number = 0
        for part in parts:
            number = number << 16 | part
        return number


def parse_address(text: str) -> Address:
    """netip.ParseAddr

    Raises:
        NetipError: as Go words it.
    """
    parser = _Parser(text)
    for char in text:
        if char == ".":
            return Address(parser.ipv4(text), 32)
        if char == ":":
            return parser.ipv6()
        if char == "%":
            raise parser.fail("missing IPv6 address")
    raise parser.fail("unable to parse IP")


def parse_prefix(text: str) -> Prefix:
    """netip.ParsePrefix

    Raises:
        NetipError: as Go words it.
    """
    head, slash, bits = text.rpartition("/")
    if not slash:
        raise _prefix_error(text, "no '/'")
    try:
        address = parse_address(head)
    except NetipError as error:
        raise _prefix_error(text, str(error)) from None
    if address.zone:
        raise _prefix_error(text, "IPv6 zones cannot be present in a prefix")
    if not bits or any(digit not in _DIGITS for digit in bits) or (len(bits) > 1 and bits[0] == "0"):
        raise _prefix_error(text, f"bad bits after slash: {go_quote(bits)}")
    if len(bits) > 3 or int(bits) > address.bits:
        if len(bits) > 19:
            raise _prefix_error(text, f"bad bits after slash: {go_quote(bits)}")
        raise _prefix_error(text, "prefix length out of range")
    return Prefix(address, int(bits))


def _prefix_error(text: str, message: str) -> NetipError:
    return NetipError(f"netip.ParsePrefix({go_quote(text)}): {message}")
