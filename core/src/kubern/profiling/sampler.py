"""Samples what all threads execute, from a thread of its own (what /debug/pprof/profile shows)."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from typing import NamedTuple

RATE = 100
"""Samples per second (upstream: runtime.SetCPUProfileRate)."""


class Frame(NamedTuple):
    """One function on a stack, at the line it executes."""

    function: str
    file: str
    line: int


Stack = tuple[Frame, ...]


class Profile(NamedTuple):
    """How often each stack (innermost frame first) was seen; `duration` and `period` in seconds."""

    stacks: Counter[Stack]
    started: float
    duration: float
    period: float


def sample(seconds: float) -> Profile:
    """Watch all threads but the caller's own for that long. Blocks."""
    stacks: Counter[Stack] = Counter()
    own = threading.get_ident()
    started, begin = time.time(), time.monotonic()
    period = 1 / RATE
    moment = begin
    while moment < begin + seconds:
        for thread, frame in sys._current_frames().items():
            if thread != own:
                stacks[_walk(frame)] += 1
        moment = max(moment + period, time.monotonic())
        time.sleep(max(0.0, moment - time.monotonic()))
    return Profile(stacks, started, time.monotonic() - begin, period)


def _walk(frame: object) -> Stack:
    found = []
    while frame is not None:
        code = frame.f_code  # type: ignore[attr-defined]
        found.append(Frame(code.co_qualname, code.co_filename, frame.f_lineno or 0))  # type: ignore[attr-defined]
        frame = frame.f_back  # type: ignore[attr-defined]
    return tuple(found)


def collapsed(profile: Profile) -> str:
    """One line per stack, outermost first, with its count: what flame graph tools read."""
    lines = (";".join(f.function for f in reversed(stack)) + f" {n}\n" for stack, n in profile.stacks.most_common())
    return "".join(lines)
