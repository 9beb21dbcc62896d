"""Schedules of cron jobs, judged as robfig/cron's ParseStandard judges them. Next: `cronjob.py`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from kubern.util.goduration import parse_duration
from kubern.util.goquote import go_quote
from kubern_kubeapi.groups.batch.time_zones import load_location

_INTEGER = re.compile("[+-]?[0-9]+", re.ASCII)
_NO_NAMES: Mapping[str, int] = {}
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_DESCRIPTORS = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
_EVERY = "@every "


class _Bounds(NamedTuple):
    low: int
    high: int
    names: Mapping[str, int]


_FIELDS = (
    _Bounds(0, 59, _NO_NAMES),
    _Bounds(0, 23, _NO_NAMES),
    _Bounds(1, 31, _NO_NAMES),
    _Bounds(1, 12, _MONTHS),
    _Bounds(0, 6, _DAYS),
)


def check_schedule(text: str) -> None:
    """Raises ValueError that says what is wrong with a schedule."""
    if not text:
        raise ValueError("empty spec string")
    if text.startswith(("TZ=", "CRON_TZ=")):
        zone, _, text = text.partition("=")[2].partition(" ")
        try:
            load_location(zone)
        except ValueError as error:
            raise ValueError(f"provided bad location {zone}: {error}") from error
        text = text.strip()
    if text.startswith("@"):
        _check_descriptor(text)
        return
    parts = text.split()
    if len(parts) != len(_FIELDS):
        raise ValueError(f"expected exactly {len(_FIELDS)} fields, found {len(parts)}: [{' '.join(parts)}]")
    for part, bounds in zip(parts, _FIELDS, strict=True):
        for expression in part.split(","):
            if expression:
                _check_range(expression, bounds)


def _check_descriptor(text: str) -> None:
    if text in _DESCRIPTORS:
        return
    if not text.startswith(_EVERY):
        raise ValueError(f"unrecognized descriptor: {text}")
    try:
        parse_duration(text.removeprefix(_EVERY))
    except ValueError as error:
        raise ValueError(f"failed to parse duration {text}: {error}") from error


def _check_range(expression: str, bounds: _Bounds) -> None:
    """`N`, `N-M`, `N/step`, `N-M/step`; `*` and `?` stand for everything."""
    parts = expression.split("/")
    limits = parts[0].split("-")
    if limits[0] in ("*", "?"):
        start, end = bounds.low, bounds.high
    else:
        start = _number(limits[0], bounds.names)
        if len(limits) > 2:
            raise ValueError(f"too many hyphens: {expression}")
        end = start if len(limits) == 1 else _number(limits[1], bounds.names)
    step = 1
    if len(parts) > 2:
        raise ValueError(f"too many slashes: {expression}")
    if len(parts) == 2:
        step = _number(parts[1], _NO_NAMES)
        if len(limits) == 1:
            end = bounds.high
    _check_limits(expression, start, end, step, bounds)


def _check_limits(expression: str, start: int, end: int, step: int, bounds: _Bounds) -> None:
    if start < bounds.low:
        raise ValueError(f"beginning of range ({start}) below minimum ({bounds.low}): {expression}")
    if end > bounds.high:
        raise ValueError(f"end of range ({end}) above maximum ({bounds.high}): {expression}")
    if start > end:
        raise ValueError(f"beginning of range ({start}) beyond end of range ({end}): {expression}")
    if step == 0:
        raise ValueError(f"step of range should be a positive number: {expression}")


def _number(text: str, names: Mapping[str, int]) -> int:
    named = names.get(text.lower())
    if named is not None:
        return named
    problem = ""
    if not _INTEGER.fullmatch(text):
        problem = "invalid syntax"
    elif not -(2**63) <= int(text) < 2**63:
        problem = "value out of range"
    if problem:
        raise ValueError(f"failed to parse int from {text}: strconv.Atoi: parsing {go_quote(text)}: {problem}")
    number = int(text)
    if number < 0:
        raise ValueError(f"negative number ({number}) not allowed: {text}")
    return number
