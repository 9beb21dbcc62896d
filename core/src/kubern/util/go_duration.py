"""Durations as Go writes and reads them (time.ParseDuration, time.Duration.String): `1h30m`, `1m0s`, `250ms`."""

from __future__ import annotations

import re

_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_PART = re.compile(r"([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)")
_MAX = 2**63 - 1


def parse_nanoseconds(text: str) -> int:
    """Nanoseconds of a duration text; ValueError says what is wrong with it."""
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in ("+", "-") else text
    if rest == "0":
        return 0
    total, position = 0, 0
    while position < len(rest):
        match = _PART.match(rest, position)
        if match is None or not (match[1] or match[2]):
            break
        unit = _UNITS[match[3]]
        fraction = match[2] or ""
        total += int(match[1] or "0") * unit + (int(fraction) * unit // 10 ** len(fraction) if fraction else 0)
        position = match.end()
    if not rest or position < len(rest) or total > _MAX:
        raise ValueError("must be a duration such as 300ms, 30s or 1h30m")
    return sign * total


def parse_duration(text: str) -> float:
    """Seconds of a duration text; ValueError says what is wrong with it."""
    return parse_nanoseconds(text) / 10**9


def format_duration(seconds: float) -> str:
    """`seconds` as Go prints a duration."""
    nanos = round(seconds * 10**9)
    sign, nanos = ("-", -nanos) if nanos < 0 else ("", nanos)
    if nanos == 0:
        return "0s"
    if nanos < 10**9:
        size, unit = next((size, unit) for size, unit in ((10**6, "ms"), (10**3, "µs"), (1, "ns")) if nanos >= size)
        return f"{sign}{_decimal(nanos, size)}{unit}"
    minutes, nanos = divmod(nanos, 60 * 10**9)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{text}{_decimal(nanos, 10**9)}s"


def _decimal(amount: int, size: int) -> str:
    whole, rest = divmod(amount, size)
    fraction = str(rest).zfill(len(str(size)) - 1).rstrip("0") if rest else ""
    return f"{whole}.{fraction}" if fraction else str(whole)
