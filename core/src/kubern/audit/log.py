"""Events in a file, one to a line, rotated by size (upstream: plugin/pkg/audit/log and lumberjack)."""

from __future__ import annotations

import datetime
import gzip
import logging
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import orjson

from kubern.util.goquote import go_quote

Object = dict[str, Any]
logger = logging.getLogger(__name__)
MEGABYTE = 1024 * 1024
_STAMP = "%Y-%m-%dT%H-%M-%S"


class RotatingFile:
    """A file that is renamed when it is full; `max_size` in bytes, `max_age` in days, 0 for no limit."""

    def __init__(self, path: Path, *, max_size: int, max_age: int, max_backups: int, compress: bool) -> None:
        """Raises OSError."""
        self._path = path
        self._max_size = max_size
        self._max_age = max_age
        self._max_backups = max_backups
        self._compress = compress
        path.parent.mkdir(parents=True, exist_ok=True)
        self._open()

    def _open(self) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file: IO[bytes] = os.fdopen(descriptor, "ab", buffering=0)
        self._size = os.fstat(descriptor).st_size

    def write(self, data: bytes) -> None:
        """Append whole lines. Raises OSError."""
        if self._max_size and self._size and self._size + len(data) > self._max_size:
            self._rotate()
        self._file.write(data)
        self._size += len(data)

    def close(self) -> None:
        self._file.close()

    def _rotate(self) -> None:
        self._file.close()
        backup = self._backup_path()
        self._path.rename(backup)
        self._open()
        if self._compress:
            _compress(backup)
        self._clean_up()

    def _backup_path(self) -> Path:
        """A name for a backup of this moment, or the first one after it that is free."""
        now = datetime.datetime.now(datetime.UTC)
        while True:
            stamp = f"{now.strftime(_STAMP)}.{now.microsecond // 1000:03d}"
            path = self._path.with_name(f"{self._path.stem}-{stamp}{self._path.suffix}")
            if not path.exists() and not path.with_name(path.name + ".gz").exists():
                return path
            now += datetime.timedelta(milliseconds=1)

    def _clean_up(self) -> None:
        """Remove backups that are too old or too many."""
        pattern = f"{self._path.stem}-*{self._path.suffix}*"
        backups = sorted((p for p in self._path.parent.glob(pattern) if p != self._path), reverse=True)
        oldest = time.time() - self._max_age * 86400 if self._max_age else 0
        for i, backup in enumerate(backups):
            if (self._max_backups and i >= self._max_backups) or backup.stat().st_mtime < oldest:
                backup.unlink(missing_ok=True)


def _compress(path: Path) -> None:
    packed = path.with_name(path.name + ".gz")
    with path.open("rb") as source, gzip.open(packed, "wb") as target:
        shutil.copyfileobj(source, target)
    path.unlink()


class StandardOutput:
    """The log file `-`."""

    def write(self, data: bytes) -> None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def close(self) -> None:
        pass


class LogBackend:
    """Writes lines of JSON or of upstream's older text."""

    def __init__(self, output: RotatingFile | StandardOutput, *, legacy: bool) -> None:
        self._output = output
        self._legacy = legacy

    async def write(self, events: Sequence[Object]) -> bool:
        """False when the file cannot be written."""
        lines = [legacy_line(e).encode() if self._legacy else orjson.dumps(e) for e in events]
        try:
            self._output.write(b"".join(line + b"\n" for line in lines))
        except OSError as error:
            logger.error("cannot write the audit log: %s", error)
            return False
        return True

    async def close(self) -> None:
        self._output.close()


def legacy_line(event: Object) -> str:
    """One event as text (upstream: audit.EventString)."""
    user, other = event.get("user") or {}, event.get("impersonatedUser") or {}
    status = event.get("responseStatus") or {}
    parts = {
        "id": event["auditID"],
        "stage": event["stage"],
        "ip": (event.get("sourceIPs") or ["<unknown>"])[0],
        "method": event["verb"],
        "user": user.get("username") or "<none>",
        "groups": _strings(user.get("groups")) or "<none>",
        "as": other.get("username") or "<self>",
        "asgroups": _strings(other.get("groups")) or "<lookup>",
        "user-agent": event.get("userAgent", ""),
        "namespace": (event.get("objectRef") or {}).get("namespace") or "<none>",
        "uri": event["requestURI"],
        "response": str(status["code"]) if "code" in status else "<deferred>",
    }
    texts = " ".join(f"{name}={go_quote(value)}" for name, value in parts.items())
    return f"{event['requestReceivedTimestamp']} AUDIT: {texts}"


def _strings(values: list[str] | None) -> str:
    return ",".join(map(go_quote, values or ()))
