"""Times on the wire: RFC 3339 in seconds (metav1.Time) and microseconds (metav1.MicroTime).

Both are kept as text in objects; this module brings any accepted spelling to the canonical one and words the
errors as Go's time.Parse does. Next: `schema/gotype.py`.
"""

from __future__ import annotations

import datetime
import re
from typing import Final

from kubern.util.goquote import go_quote

RFC3339: Final = "2006-01-02T15:04:05Z07:00"
RFC3339_MICRO: Final = "2006-01-02T15:04:05.000000Z07:00"
ZERO_TIME: Final = "0001-01-01T00:00:00Z"

_CANONICAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_CANONICAL_MICRO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_SHORT_MONTHS: Final = frozenset({4, 6, 9, 11})


class TimeError(ValueError):
    """A text that is no time; the message is Go's."""


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def format_time(moment: datetime.datetime) -> str:
    """RFC 3339 in UTC, whole seconds."""
    moment = moment.astimezone(datetime.UTC)
    return f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}T{moment:%H:%M:%S}Z"


def format_micro_time(moment: datetime.datetime) -> str:
    """RFC 3339 in UTC with six digits of a second."""
    moment = moment.astimezone(datetime.UTC)
    return f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}T{moment:%H:%M:%S}.{moment.microsecond:06d}Z"


def normalise_time(text: str) -> str:
    """The canonical spelling of a metav1.Time. Raises TimeError."""
    if _CANONICAL.fullmatch(text) is not None and _is_date_time(text):
        return text
    return format_time(parse_time(text))


def normalise_micro_time(text: str) -> str:
    """The canonical spelling of a metav1.MicroTime. Raises TimeError."""
    if _CANONICAL_MICRO.fullmatch(text) is not None and _is_date_time(text):
        return text
    return format_micro_time(parse_micro_time(text))


def parse_time(text: str) -> datetime.datetime:
    """The moment that a metav1.Time names. Raises TimeError."""
    return _Parser(text, RFC3339, ("Z07:00",)).parse()


def parse_micro_time(text: str) -> datetime.datetime:
    """The moment that a metav1.MicroTime names. Raises TimeError."""
    return _Parser(text, RFC3339_MICRO, (".000000", "Z07:00")).parse()


def _is_date_time(text: str) -> bool:
    try:
        datetime.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _days_in(month: int, year: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in _SHORT_MONTHS else 31


class _Parser:
    """One run of Go's time.Parse for the two layouts above; it names the element where it stops."""

    def __init__(self, text: str, layout: str, tail: tuple[str, ...]) -> None:
        self.text = text
        self.layout = layout
        self.tail = tail
        self.rest = text
        self.nanoseconds = 0
        self.offset = 0

    def parse(self) -> datetime.datetime:
        year = self._year()
        self._literal("-")
        month = self._number("01", 1, 12, "month", fixed=True)
        self._literal("-")
        day = self._number("02", 0, 99, "day", fixed=True)
        self._literal("T")
        hour = self._number("15", 0, 23, "hour", fixed=False)
        self._literal(":")
        minute = self._number("04", 0, 59, "minute", fixed=True)
        self._literal(":")
        second = self._number("05", 0, 59, "second", fixed=True)
        if self.tail[0] == ".000000":
            self._fixed_fraction()
        else:
            self._free_fraction()
        self._zone()
        if self.rest:
            raise self._message(f": extra text: {go_quote(self.rest)}")
        if not 1 <= day <= _days_in(month, year):
            raise self._message(": day out of range")
        return self._moment(year, month, day, hour, minute, second)

    def _moment(self, year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime.datetime:
        if year == 0:
            # Differs from kube-apiserver: Python has no year 0; such a time becomes the zero time.
            return datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)
        moment = datetime.datetime(year, month, day, hour, minute, second, self.nanoseconds // 1000, datetime.UTC)
        try:
            return moment - datetime.timedelta(seconds=self.offset)
        except OverflowError:
            return moment

    def _error(self, element: str, found: str) -> TimeError:
        head = f"parsing time {go_quote(self.text)} as {go_quote(self.layout)}"
        return TimeError(f"{head}: cannot parse {go_quote(found)} as {go_quote(element)}")

    def _message(self, message: str) -> TimeError:
        return TimeError(f"parsing time {go_quote(self.text)}{message}")

    def _literal(self, text: str) -> None:
        if not self.rest.startswith(text):
            raise self._error(text, self.rest)
        self.rest = self.rest[len(text) :]

    def _year(self) -> int:
        digits = self.rest[:4]
        if len(digits) < 4 or not (digits.isascii() and digits.isdigit()):
            raise self._error("2006", self.rest)
        self.rest = self.rest[4:]
        return int(digits)

    def _number(self, element: str, low: int, high: int, name: str, *, fixed: bool) -> int:
        held = self.rest
        size = 2 if _digits(held[:2]) == 2 else 1
        if not _digits(held[:1]) or (fixed and size == 1):
            raise self._error(element, held)
        self.rest = held[size:]
        number = int(held[:size])
        if not low <= number <= high:
            raise self._message(f": {name} out of range")
        return number

    def _free_fraction(self) -> None:
        """A fraction may follow the seconds even though the layout has none; digits past nano are dropped."""
        if self.rest[:1] not in (".", ",") or not _digits(self.rest[1:2]):
            return
        size = _digits(self.rest[1:])
        self.nanoseconds = int(self.rest[1 : 1 + size][:9].ljust(9, "0"))
        self.rest = self.rest[1 + size :]

    def _fixed_fraction(self) -> None:
        if self.rest[:1] not in (".", ",") or _digits(self.rest[1:7]) < 6:
            raise self._error(".000000", self.rest)
        self.nanoseconds = int(self.rest[1:7]) * 1000
        self.rest = self.rest[7:]

    def _zone(self) -> None:
        held = self.rest
        if held.startswith("Z"):
            self.rest = held[1:]
            return
        valid = len(held) >= 6 and held[0] in "+-" and held[3] == ":"
        if not valid or _digits(held[1:3]) < 2 or _digits(held[4:6]) < 2:
            raise self._error("Z07:00", held)
        hours, minutes = int(held[1:3]), int(held[4:6])
        self.rest = held[6:]
        if hours > 24:
            raise self._message(": time zone offset hour out of range")
        if minutes > 60:
            raise self._message(": time zone offset minute out of range")
        self.offset = (hours * 60 + minutes) * 60 * (-1 if held[0] == "-" else 1)


def _digits(text: str) -> int:
    """How many ASCII digits `text` starts with."""
    count = 0
    for char in text:
        if not "0" <= char <= "9":
            break
        count += 1
    return count
