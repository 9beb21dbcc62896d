"""The process's log: lines as klog writes them, or JSON, on standard error (upstream: component-base/logs)."""

from __future__ import annotations

import fnmatch
import json
import logging
import sys
import time
from collections.abc import Mapping

DEBUG_FROM = 3
"""The -v level from which debugging lines are logged."""
_LETTERS = {logging.DEBUG: "I", logging.INFO: "I", logging.WARNING: "W", logging.ERROR: "E", logging.CRITICAL: "F"}


class KlogFormatter(logging.Formatter):
    """`I1124 15:52:01.123456   12345 startup.py:42] text`."""

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%m%d %H:%M:%S", time.localtime(record.created))
        micros = int(record.created % 1 * 1_000_000)
        letter = _LETTERS.get(record.levelno, "I")
        text = record.getMessage()
        if record.exc_info:
            text = f"{text}\n{self.formatException(record.exc_info)}"
        return f"{letter}{moment}.{micros:06} {record.process:>7} {record.filename}:{record.lineno}] {text}"


class JSONFormatter(logging.Formatter):
    """One JSON object per line: ts (milliseconds), caller, msg, v or err."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "ts": round(record.created * 1000, 3),
            "caller": f"{record.filename}:{record.lineno}",
            "msg": record.getMessage(),
        }
        if record.levelno >= logging.ERROR:
            line["err"] = self.formatException(record.exc_info) if record.exc_info else ""
        else:
            line["v"] = DEBUG_FROM if record.levelno <= logging.DEBUG else 0
        return json.dumps(line)


def set_up_logging(
    verbosity: int = 0, form: str = "text", vmodule: Mapping[str, str] | None = None, *, split: bool = False
) -> None:
    """Send all logging to standard error (`split`: what is no error to standard output) in the given form."""
    formatter = JSONFormatter() if form == "json" else KlogFormatter()
    errors = logging.StreamHandler(sys.stderr)
    handlers = [errors]
    if split:
        rest = logging.StreamHandler(sys.stdout)
        rest.addFilter(lambda record: record.levelno < logging.ERROR)
        errors.setLevel(logging.ERROR)
        handlers.append(rest)
    for handler in handlers:
        handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = handlers
    if vmodule:
        errors.addFilter(_ModuleFilter(verbosity, vmodule))
        root.setLevel(logging.DEBUG)
    else:
        set_verbosity(verbosity)


def set_verbosity(verbosity: int) -> None:
    """From now on log as much as with that -v, but for modules that --vmodule names."""
    logging.getLogger().setLevel(logging.DEBUG if verbosity >= DEBUG_FROM else logging.INFO)


class _ModuleFilter(logging.Filter):
    """Lets debugging lines of the named modules pass."""

    def __init__(self, verbosity: int, vmodule: Mapping[str, str]) -> None:
        super().__init__()
        self._verbosity = verbosity
        self._patterns = [(pattern, int(level)) for pattern, level in vmodule.items()]

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno > logging.DEBUG:
            return True
        name = record.name.removeprefix("kubern.")
        level = next(
            (level for pattern, level in self._patterns if fnmatch.fnmatchcase(name, pattern)), self._verbosity
        )
        return level >= DEBUG_FROM
