"""Flags of the server's own log (upstream: component-base logs; until 1.25 glog's and klog's)."""

from __future__ import annotations

import dataclasses

from kubern.options.section import flag
from kubern.options.values import Bytes, Duration, Level, StringMap, VModule

STDERR = "the log goes to standard error"
UNBUFFERED = "log lines are written at once"


@dataclasses.dataclass
class LogOptions:
    """What the server logs and how."""

    log_flush_frequency: Duration = flag(5, no_effect=UNBUFFERED)
    """How often buffered log lines are written."""

    log_json_info_buffer_size: Bytes = flag(0, no_effect=UNBUFFERED)
    """Bytes of information lines to buffer in JSON format."""

    log_json_split_stream: bool = False
    """In JSON format write errors to standard error and the rest to standard output."""

    log_text_info_buffer_size: Bytes = flag(0, no_effect=UNBUFFERED)
    """Bytes of information lines to buffer in text format."""

    log_text_split_stream: bool = False
    """In text format write errors to standard error and the rest to standard output."""

    logging_format: str = "text"
    """Format of the log: text or json."""

    v: Level = flag(0, shorthand="v")
    """How much to log: 0 is the least, from 3 on there is a line for each request."""

    vmodule: VModule = StringMap()
    """Other levels for single modules: pattern=N pairs, separated by commas; patterns match the names of Python
    modules without `kubern.` and may contain * and ?. Only in text format."""

    alsologtostderr: bool = flag(False, upstream="1.12", no_effect=STDERR)
    """Log to standard error as well as to files."""

    log_backtrace_at: str = flag("", upstream="1.12", no_effect="errors that need a stack trace are logged with one")
    """Log a stack trace when this file:line is reached."""

    log_dir: str = flag("", upstream="1.12", no_effect=STDERR)
    """Write log files into this directory."""

    logtostderr: bool = flag(True, upstream="1.12", no_effect=STDERR)
    """Log to standard error instead of files."""

    stderrthreshold: str = flag("2", upstream="1.12", no_effect=STDERR)
    """Lines of this severity and above go to standard error."""

    def validate(self) -> list[str]:
        if self.logging_format not in ("text", "json"):
            return [f"--logging-format: {self.logging_format!r} must be text or json"]
        if self.vmodule and self.logging_format != "text":
            return ["--vmodule: only works with --logging-format=text"]
        return []
