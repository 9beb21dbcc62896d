"""Ages as kubectl prints them (upstream: apimachinery/pkg/util/duration.HumanDuration)."""

from __future__ import annotations

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_YEAR = 365 * _DAY


def human_duration(seconds: float) -> str:
    """A short text: `45s`, `2m10s`, `3h`, `5d4h`, `2y30d`; `<invalid>` when clearly in the future."""
    total = int(seconds)
    if total < -1:
        return "<invalid>"
    if total < 0:
        return "0s"
    if total < 2 * _MINUTE:
        return f"{total}s"
    if total < 10 * _MINUTE:
        return _two(total, _MINUTE, "m", 1, "s")
    if total < 3 * _HOUR:
        return f"{total // _MINUTE}m"
    if total < 8 * _HOUR:
        return _two(total, _HOUR, "h", _MINUTE, "m")
    if total < 2 * _DAY:
        return f"{total // _HOUR}h"
    if total < 8 * _DAY:
        return _two(total, _DAY, "d", _HOUR, "h")
    if total < 2 * _YEAR:
        return f"{total // _DAY}d"
    if total < 8 * _YEAR:
        return _two(total, _YEAR, "y", _DAY, "d")
    return f"{total // _YEAR}y"


def _two(total: int, big: int, big_unit: str, small: int, small_unit: str) -> str:
    whole, rest = divmod(total, big)
    rest //= small
    return f"{whole}{big_unit}{rest}{small_unit}" if rest else f"{whole}{big_unit}"
