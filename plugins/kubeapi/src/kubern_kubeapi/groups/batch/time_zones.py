"""Names of time zones (upstream: validateTimeZone and Go's time.LoadLocation). Next: `cronjob.py`."""

from __future__ import annotations

import re

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path

_PART = re.compile(r"[A-Za-z0-9.\-_+]{1,14}")


def load_location(name: str) -> None:
    """Raises ValueError with Go's words when there is no such zone."""
    if name in ("", "UTC", "Local"):
        return
    if ".." in name or name[0] in "/\\" or "\\" in name:
        raise ValueError("time: invalid location name")
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {name}") from error


def validate_time_zone(name: str | None, path: Path) -> ErrorList:
    """spec.timeZone: nothing, or a zone of the IANA database."""
    if name is None:
        return []
    if not name:
        return [field.invalid(path, name, "timeZone must be nil or non-empty string")]
    for part in name.split("/"):
        if part in (".", "..") or part.startswith("-") or not _PART.fullmatch(part):
            return [field.invalid(path, name, f"unknown time zone {name}")]
    errors: ErrorList = []
    if name.lower() == "local":
        detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        errors.append(field.invalid(path, name, detail))
    try:
        load_location(name)
    except ValueError as error:
        errors.append(field.invalid(path, name, str(error)))
    return errors
