"""Durations as Go writes and reads them, `1h15m30.918s`; in Python whole nanoseconds (upstream: time.Duration)."""

from __future__ import annotations

import re
from typing import Final

from kubern.util.goquote import go_quote

NANOSECOND: Final = 1
MICROSECOND: Final = 1000
MILLISECOND: Final = 1000 * MICROSECOND
SECOND: Final = 1000 * MILLISECOND
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE

_UNITS: Final = {
    "ns": NANOSECOND,
    "us": MICROSECOND,
    "\u00b5s": MICROSECOND,
    "\u03bcs": MICROSECOND,
    "ms": MILLISECOND,
    "s": SECOND,
    "m": MINUTE,
    "h": HOUR,
}
_PART = re.compile(r"([0-9]*)(\.?)([0-9]*)([^0-9.]*)")
_MAX: Final = 2**63 - 1


class DurationError(ValueError):
    """A text that is no duration; the message is Go's."""


def parse_duration(text: str) -> int:
    """The nanoseconds of a duration's text. Raises DurationError."""
    rest = text
    negative = rest.startswith("-")
    if rest[:1] in ("-", "+"):
        rest = rest[1:]
    if rest == "0":
        return 0
    if not rest:
        raise DurationError(f"time: invalid duration {go_quote(text)}")
    total = 0
    while rest:
        nanoseconds, rest = _parse_part(text, rest)
        total += nanoseconds
        if total > _MAX + negative:
            raise DurationError(f"time: invalid duration {go_quote(text)}")
    return -total if negative else total


def _parse_part(text: str, rest: str) -> tuple[int, str]:
    """One number with its unit, and what follows it."""
    match = _PART.match(rest)
    whole, _, fraction, unit = match.groups() if match else ("", "", "", "")
    if match is None or not (whole or fraction):
        raise DurationError(f"time: invalid duration {go_quote(text)}")
    if not unit:
        raise DurationError(f"time: missing unit in duration {go_quote(text)}")
    scale = _UNITS.get(unit)
    if scale is None:
        raise DurationError(f"time: unknown unit {go_quote(unit)} in duration {go_quote(text)}")
    if len(whole.lstrip("0")) > 19:
        raise DurationError(f"time: invalid duration {go_quote(text)}")
    fraction = fraction[:18]
    nanoseconds = int(whole or 0) * scale
    if fraction:
        nanoseconds += int(fraction) * scale // 10 ** len(fraction)
    return nanoseconds, rest[match.end() :]


def format_duration(nanoseconds: int) -> str:
    """The text that Go's Duration.String gives: `72h3m0.5s`, `1.5ms`, `0s`."""
    if nanoseconds == 0:
        return "0s"
    sign = "-" if nanoseconds < 0 else ""
    nanoseconds = abs(nanoseconds)
    if nanoseconds < SECOND:
        return sign + _format_small(nanoseconds)
    seconds, fraction = divmod(nanoseconds, SECOND)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    out = _with_fraction(seconds, fraction, 9) + "s"
    if hours:
        return f"{sign}{hours}h{minutes}m{out}"
    return f"{sign}{minutes}m{out}" if minutes else sign + out


def _format_small(nanoseconds: int) -> str:
    if nanoseconds < MICROSECOND:
        return f"{nanoseconds}ns"
    if nanoseconds < MILLISECOND:
        return _with_fraction(*divmod(nanoseconds, MICROSECOND), 3) + "\u00b5s"
    return _with_fraction(*divmod(nanoseconds, MILLISECOND), 6) + "ms"


def _with_fraction(whole: int, fraction: int, digits: int) -> str:
    if not fraction:
        return str(whole)
    return f"{whole}.{fraction:0{digits}d}".rstrip("0")
