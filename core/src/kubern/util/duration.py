"""Durations as people read them (upstream: apimachinery/pkg/util/duration)."""

from __future__ import annotations

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_YEAR = 365 * _DAY


def human_duration(seconds: float) -> str:
    """Two or three digits that say enough: `45s`, `5m10s`, `3h20m`, `2d4h`, `2y31d`; negative ones are `<invalid>`.

    One second of the future counts as now, since clocks differ.
    """
    total = int(seconds)
    if total < -1:
        return "<invalid>"
    if total < 0:
        return "0s"
    if total < 2 * _MINUTE:
        return f"{total}s"
    minutes = total // _MINUTE
    if minutes < 10:
        rest = total % _MINUTE
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 3 * 60:
        return f"{minutes}m"
    return _long_duration(total)


def _long_duration(total: int) -> str:
    hours = total // _HOUR
    if hours < 8:
        rest = total // _MINUTE % 60
        return f"{hours}h{rest}m" if rest else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    if hours < 24 * 8:
        rest = hours % 24
        return f"{hours // 24}d{rest}h" if rest else f"{hours // 24}d"
    if hours < 24 * 365 * 2:
        return f"{hours // 24}d"
    years = total // _YEAR
    if hours < 24 * 365 * 8:
        rest = hours // 24 % 365
        return f"{years}y{rest}d" if rest else f"{years}y"
    return f"{years}y"
