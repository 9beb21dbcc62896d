"""Parts of timestamps and durations: getFullYear(), getHours() and their kin.

Next: `../runtime/times.py` for parsing and printing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kubern.cel.declarations import Function, Overload, member
from kubern.cel.runtime.times import local_time
from kubern.cel.runtime.values import NANOS, Duration, Timestamp
from kubern.cel.types import DURATION, INT, STRING, TIMESTAMP

_Part = Callable[[datetime], int]


def _timestamp_part(oid: str, part: _Part) -> tuple[Overload, Overload]:
    def in_utc(moment: Timestamp) -> int:
        return part(local_time(moment, None))

    def in_zone(moment: Timestamp, zone: str) -> int:
        return part(local_time(moment, zone))

    return (
        member(oid, (TIMESTAMP,), INT, in_utc),
        member(f"{oid}_with_tz", (TIMESTAMP, STRING), INT, in_zone),
    )


def _duration_part(oid: str, unit: int) -> Overload:
    def whole(duration: Duration) -> int:
        return -(-duration.nanos // unit) if duration.nanos < 0 else duration.nanos // unit

    return member(oid, (DURATION,), INT, whole)


def _duration_millis(duration: Duration) -> int:
    millis = abs(duration.nanos) // 1_000_000
    return -millis if duration.nanos < 0 else millis


def _millis() -> tuple[Overload, ...]:
    def in_utc(moment: Timestamp) -> int:
        return moment.nanos % NANOS // 1_000_000

    def in_zone(moment: Timestamp, zone: str) -> int:
        local_time(moment, zone)
        return in_utc(moment)

    return (
        member("timestamp_to_milliseconds", (TIMESTAMP,), INT, in_utc),
        member("timestamp_to_milliseconds_with_tz", (TIMESTAMP, STRING), INT, in_zone),
        member("duration_to_milliseconds", (DURATION,), INT, _duration_millis),
    )


def time_functions() -> tuple[Function, ...]:
    """The accessors of timestamps and durations."""
    return (
        Function("getFullYear", *_timestamp_part("timestamp_to_year", lambda moment: moment.year)),
        Function("getMonth", *_timestamp_part("timestamp_to_month", lambda moment: moment.month - 1)),
        Function(
            "getDayOfYear",
            *_timestamp_part("timestamp_to_day_of_year", lambda moment: moment.timetuple().tm_yday - 1),
        ),
        Function("getDayOfMonth", *_timestamp_part("timestamp_to_day_of_month", lambda moment: moment.day - 1)),
        Function("getDate", *_timestamp_part("timestamp_to_day_of_month_1_based", lambda moment: moment.day)),
        Function(
            "getDayOfWeek",
            *_timestamp_part("timestamp_to_day_of_week", lambda moment: moment.isoweekday() % 7),
        ),
        Function(
            "getHours",
            *_timestamp_part("timestamp_to_hours", lambda moment: moment.hour),
            _duration_part("duration_to_hours", 3600 * NANOS),
        ),
        Function(
            "getMinutes",
            *_timestamp_part("timestamp_to_minutes", lambda moment: moment.minute),
            _duration_part("duration_to_minutes", 60 * NANOS),
        ),
        Function(
            "getSeconds",
            *_timestamp_part("timestamp_to_seconds", lambda moment: moment.second),
            _duration_part("duration_to_seconds", NANOS),
        ),
        Function("getMilliseconds", *_millis()),
    )
