"""Sets of indexes as text, `1,3-5,7`: reading and overlap (upstream: validateIndexesFormat and its kin).

Next: `job_status.py` and `job_validation.py`, which check such texts.
"""

from __future__ import annotations

import re

from kubern.util.goquote import go_quote

_INTEGER = re.compile("[+-]?[0-9]+", re.ASCII)


def count_indexes(text: str, completions: int) -> int:
    """How many indexes `text` names, each below `completions`. Raises ValueError that says what is wrong."""
    last: int | None = None
    total = 0
    for interval in text.split(",") if text else ():
        first, end = _parse_interval(interval, completions)
        if last is not None and last >= first:
            raise ValueError(f"non-increasing order, previous: {last}, current: {first}")
        last = end
        total += end - first + 1
    return total


def overlap_problem(completed: str, failed: str, completions: int) -> str:
    """What is wrong when an index both completed and failed, "" when none did."""
    done, bad = _parse_well_formed(completed, completions), _parse_well_formed(failed, completions)
    i = j = 0
    while i < len(done) and j < len(bad):
        (first, end), (bad_first, bad_end) = done[i], bad[j]
        if first <= bad_end and bad_first <= end:
            return f"failedIndexes and completedIndexes overlap at index: {max(first, bad_first)}"
        if first <= bad_first:
            i += 1
        else:
            j += 1
    return ""


def _parse_well_formed(text: str, completions: int) -> list[tuple[int, int]]:
    """The intervals that can be read; the others are reported where the format is checked."""
    out = []
    for interval in text.split(",") if text else ():
        try:
            out.append(_parse_interval(interval, completions))
        except ValueError:
            continue
    return out


def _parse_interval(interval: str, completions: int) -> tuple[int, int]:
    parts = interval.split("-")
    if len(parts) > 2:
        raise ValueError(
            f"the fragment {go_quote(interval)} violates the requirement that an index interval can have at most "
            "two parts separated by '-'"
        )
    first = _parse_index(parts[0], completions)
    if len(parts) == 1:
        return first, first
    end = _parse_index(parts[1], completions)
    if first >= end:
        raise ValueError(f"non-increasing order, previous: {first}, current: {end}")
    return first, end


def _parse_index(text: str, completions: int) -> int:
    if not _INTEGER.fullmatch(text) or abs(int(text)) >= 2**63:
        raise ValueError(f"cannot convert string to integer for index: {go_quote(text)}")
    index = int(text)
    if index >= completions:
        raise ValueError(f"too large index: {go_quote(text)}")
    return index
