"""Timestamps and durations: parsing, printing and arithmetic as Go's time package does them.

Both count nanoseconds. Next: `../library/times.py` declares the functions over them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kubern.cel.errors import CelError
from kubern.cel.runtime.values import INT_MAX, INT_MIN, NANOS, TIMESTAMP_MAX, TIMESTAMP_MIN, Duration, Timestamp
from kubern.util import goduration

_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:(Z)|([+-])(\d\d):(\d\d))", re.ASCII)
_OFFSET = re.compile(r"([+-]?)(\d\d):(\d\d)", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_timestamp(text: str) -> Timestamp | None:
    """The time that an RFC 3339 text names, None when it is none.

    Raises:
        CelError: the year is out of range.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction, _, sign, zone_hours, zone_minutes = match.groups()[6:]
    offset = 0
    if sign:
        hours, minutes = int(zone_hours), int(zone_minutes)
        if hours > 24 or minutes >= 60:
            return None
        offset = (hours * 60 + minutes) * 60 * (-1 if sign == "-" else 1)
    if year == 0:
        raise timestamp_overflow()
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    seconds = (moment - _EPOCH) // timedelta(seconds=1) - offset
    nanos = int(fraction[:9].ljust(9, "0")) if fraction else 0
    return checked_timestamp(seconds * NANOS + nanos)


def timestamp_overflow() -> CelError:
    """The time lies outside the years 1 to 9999."""
    return CelError("timestamp overflow")


def checked_timestamp(nanos: int) -> Timestamp:
    """The time, if it is in range."""
    if not TIMESTAMP_MIN <= nanos // NANOS <= TIMESTAMP_MAX:
        raise timestamp_overflow()
    return Timestamp(nanos)


def parse_duration(text: str) -> Duration | None:
    """The span that a Go duration text such as 1h30m names, None when it is none."""
    try:
        return Duration(goduration.parse_duration(text))
    except ValueError:
        return None


def checked_duration(nanos: int) -> Duration:
    """The span, if an int64 of nanoseconds can hold it."""
    if not INT_MIN <= nanos <= INT_MAX:
        raise CelError("duration overflow")
    return Duration(nanos)


def add_durations(left: Duration, nanos: int) -> Duration:
    """A longer or shorter span."""
    return checked_duration(left.nanos + nanos)


def shift_timestamp(moment: Timestamp, nanos: int) -> Timestamp:
    """A later or earlier time."""
    return checked_timestamp(moment.nanos + nanos)


def timestamp_difference(left: Timestamp, right: Timestamp) -> Duration:
    """The span between two times."""
    return checked_duration(left.nanos - right.nanos)


def format_duration(duration: Duration) -> str:
    """The span as string() gives it: seconds, such as 90.5s."""
    return f"{_decimal(duration.nanos)}s"


def _decimal(nanos: int) -> str:
    sign = "-" if nanos < 0 else ""
    seconds, fraction = divmod(abs(nanos), NANOS)
    text = f"{sign}{seconds}"
    return f"{text}.{fraction:09d}".rstrip("0") if fraction else text


def format_timestamp(moment: Timestamp) -> str:
    """The time as string() gives it: RFC 3339 in UTC with as many decimals as needed."""
    seconds, nanos = divmod(moment.nanos, NANOS)
    text = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    text = text.rjust(19, "0")
    if nanos:
        text += f".{nanos:09d}".rstrip("0")
    return f"{text}Z"


def local_time(moment: Timestamp, zone: str | None) -> datetime:
    """The time in UTC or in a named zone or offset, to the second.

    Raises:
        CelError: there is no such zone.
    """
    utc = _EPOCH + timedelta(seconds=moment.nanos // NANOS)
    if zone is None:
        return utc
    try:
        return utc.astimezone(_zone(zone))
    except OverflowError as error:
        raise timestamp_overflow() from error


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    if ":" in name:
        match = _OFFSET.fullmatch(name)
        if match is None:
            raise CelError(f'strconv.Atoi: parsing "{name.split(":")[0]}": invalid syntax')
        sign, hours, minutes = match.groups()
        minutes_total = int(hours) * 60 + int(minutes)
        delta = timedelta(minutes=-minutes_total if sign == "-" else minutes_total)
        if abs(delta) >= timedelta(days=1):
            raise CelError(f"unknown time zone {name}")
        return timezone(delta)
    if name in ("", "UTC"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CelError(f"unknown time zone {name}") from error
