"""The tables of a data file, opening it for one process, and reading it back; next: `writer.py`.

The log is the state: each change inserts one row keyed by its revision, compaction deletes superseded rows,
so what remains is the current state plus the history window.
"""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from kubern.storage.errors import StoreFailed, StoreLocked
from kubern.storage.interface import KV, Event

SCHEMA_VERSION = 1
FILE_NAME = "kubern.db"

# EXCLUSIVE: no shared-memory file, and a second process gets an error instead of a corrupt cache.
# fullfsync: macOS' fsync does not reach the platter; elsewhere it is ignored.
_PRAGMAS = """
PRAGMA locking_mode=EXCLUSIVE;
PRAGMA journal_mode=WAL;
PRAGMA synchronous={sync};
PRAGMA fullfsync=1;
"""

_TABLES = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS ev(
    rev INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    create_rev INTEGER NOT NULL,
    version INTEGER NOT NULL,
    lease INTEGER NOT NULL DEFAULT 0,
    value BLOB);
CREATE TABLE IF NOT EXISTS lease(id INTEGER PRIMARY KEY, ttl INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS meta(k TEXT PRIMARY KEY, v) WITHOUT ROWID;
INSERT OR IGNORE INTO meta VALUES ('schema', {version}), ('compact_rev', 0);
COMMIT;
"""


@dataclass
class Loaded:
    """What a data file held."""

    revision: int = 1
    compact_rev: int = 0
    current: dict[str, KV] = field(default_factory=dict)
    log: list[Event] = field(default_factory=list)
    leases: dict[int, int] = field(default_factory=dict)
    garbage: list[int] = field(default_factory=list)
    """Rows that a compaction cut short by a crash left behind."""


def open_file(directory: Path, sync: str) -> sqlite3.Connection:
    """Open (or create) the data file. Raises StoreLocked, StoreFailed."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / FILE_NAME
    created = not path.exists()
    try:
        conn = sqlite3.connect(path, timeout=0.5, isolation_level=None, check_same_thread=False)
        conn.executescript(_PRAGMAS.format(sync=sync))
        conn.executescript(_TABLES.format(version=SCHEMA_VERSION))
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise StoreLocked(f"data directory {str(directory)!r} is in use by another server") from None
        raise StoreFailed(f"cannot open {str(path)!r}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise StoreFailed(f"cannot read {str(path)!r}: {error}") from error
    if created:
        path.chmod(0o600)
        _sync_directory(directory)
    return conn


def load(conn: sqlite3.Connection) -> Loaded:
    """Replay the log. Raises StoreFailed when the file is of another version or damaged."""
    try:
        meta = dict(conn.execute("SELECT k, v FROM meta"))
        if meta["schema"] != SCHEMA_VERSION:
            raise StoreFailed(f"data file has schema {meta['schema']!r}, this server knows {SCHEMA_VERSION}")
        loaded = Loaded(compact_rev=meta["compact_rev"])
        loaded.leases = dict(conn.execute("SELECT id, ttl FROM lease"))
        _replay(conn, loaded)
    except sqlite3.DatabaseError as error:
        raise StoreFailed(f"cannot read the data file: {error}") from error
    return loaded


def _replay(conn: sqlite3.Connection, loaded: Loaded) -> None:
    current, log, garbage, compact_rev = loaded.current, loaded.log, loaded.garbage, loaded.compact_rev
    rows = conn.execute("SELECT rev, key, create_rev, version, lease, value FROM ev ORDER BY rev")
    rev = 0
    for rev, key, create_rev, version, lease, value in rows:
        prev = current.get(key)
        if value is None:
            kv = None
            current.pop(key, None)
        else:
            kv = current[key] = KV(key, value, rev, create_rev, version, lease)
        if rev > compact_rev:
            log.append(Event(rev, key, kv, prev))
            continue
        if prev is not None:
            garbage.append(prev.mod_rev)
        if kv is None:
            garbage.append(rev)
    loaded.revision = max(rev, compact_rev, 1)


def _sync_directory(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
