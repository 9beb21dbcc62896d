"""Cells that many kinds' tables share (upstream: pkg/printers/internalversion). Next: `resource.py::Column`."""

from __future__ import annotations

import calendar
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kubern.util.human_duration import human_duration

_PLAIN_LENGTH = len("2026-01-02T03:04:05Z")


def parse_time(text: str) -> float:
    """Seconds since 1970 of an RFC 3339 time, e.g. 2026-01-02T03:04:05.678Z. Raises ValueError."""
    if len(text) == _PLAIN_LENGTH and text[7] == "-" and text[10] == "T" and text[19] == "Z":
        try:
            return datetime.fromisoformat(text).timestamp()
        except ValueError:
            pass  # a leap second, perhaps
    seconds: float = calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))
    rest = text[19:]
    if rest.startswith("."):
        digits = len(rest) - len(rest[1:].lstrip("0123456789"))
        seconds += float(rest[:digits])
        rest = rest[digits:]
    if rest[:1] in ("+", "-"):
        offset = int(rest[1:3]) * 3600 + int(rest[4:6]) * 60
        seconds += offset if rest[0] == "-" else -offset
    return seconds


def since(timestamp: str | None) -> str:
    """How long ago a time was, `<unknown>` when there is none (upstream: translateTimestampSince)."""
    return human_duration(time.time() - parse_time(timestamp)) if timestamp else "<unknown>"


def until(timestamp: str | None) -> str:
    """How long a time is ahead, `<unknown>` when there is none (upstream: translateTimestampUntil)."""
    return human_duration(parse_time(timestamp) - time.time()) if timestamp else "<unknown>"


def age(obj: Mapping[str, Any]) -> str:
    """The Age cell of an object."""
    return since(obj["metadata"].get("creationTimestamp"))


def name_and_age(obj: Mapping[str, Any]) -> list[Any]:
    """The cells of kinds that show nothing of their own."""
    return [obj["metadata"]["name"], age(obj)]


def format_labels(labels: Mapping[str, str] | None) -> str:
    """`a=b,c=d` sorted by key, `<none>` when there are none (upstream: labels.FormatLabels)."""
    return ",".join(f"{key}={labels[key]}" for key in sorted(labels)) if labels else "<none>"
