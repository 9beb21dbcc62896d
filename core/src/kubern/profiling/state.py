"""What a process is made of at this moment, as text for people."""

from __future__ import annotations

import asyncio
import gc
import io
import sys
import threading
import traceback
from collections import Counter

MOST_COMMON = 50


def tasks_and_threads() -> str:
    """The running loop's tasks with what they wait for, then all threads with what they execute."""
    out = io.StringIO()
    tasks = sorted(asyncio.all_tasks(), key=lambda task: task.get_name())
    out.write(f"{len(tasks)} tasks\n\n")
    for task in tasks:
        out.write(f"task {task.get_name()}\n")
        for frame in task.get_stack(limit=8):
            out.write(f"    {frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_qualname}\n")
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    frames = sys._current_frames()
    out.write(f"\n{len(frames)} threads\n")
    for ident, frame in frames.items():
        out.write(f"\nthread {names.get(ident, ident)}\n")
        out.write("".join(traceback.format_stack(frame)))
    return out.getvalue()


def objects() -> str:
    """The types with the most objects that the collector tracks, with their numbers."""
    counts = Counter(type(thing).__qualname__ for thing in gc.get_objects())
    lines = [f"{number:>10} {name}\n" for name, number in counts.most_common(MOST_COMMON)]
    return f"{counts.total()} objects tracked, {gc.get_freeze_count()} frozen after the start\n\n" + "".join(lines)
