"""The thread that owns the SQLite connection and commits batches, one at a time; next: `store.py`."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from kubern.storage.interface import Event
from kubern.storage.sqlite.schema import Loaded, load, open_file

_ROWS_PER_STATEMENT = 16
_INSERT = "INSERT INTO ev(rev, key, create_rev, version, lease, value) VALUES (?,?,?,?,?,?)"
_INSERT_MANY = _INSERT + ",(?,?,?,?,?,?)" * (_ROWS_PER_STATEMENT - 1)


@dataclass(eq=False)
class Batch:
    """What one commit makes durable, and who waits for it."""

    events: list[Event] = field(default_factory=list)
    leases: dict[int, int] = field(default_factory=dict)
    """Lease to TTL in seconds; 0 forgets the lease."""
    trims: list[int] = field(default_factory=list)
    compact_rev: int = 0
    waiters: list[asyncio.Future[None]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.events or self.leases or self.trims or self.compact_rev)


Done = Callable[[Batch, BaseException | None], None]


class Writer:
    """Runs `open`, `commit` and `close` of one data file in a thread of its own."""

    def __init__(self, directory: Path, sync: str, done: Done) -> None:
        self._directory = directory
        self._sync = sync
        self._done = done
        self._loop = asyncio.get_running_loop()
        self._jobs: SimpleQueue[Batch | None] = SimpleQueue()
        self._opened: asyncio.Future[Loaded] = self._loop.create_future()
        self._closed: asyncio.Future[None] = self._loop.create_future()
        self._thread = Thread(target=self._run, name="sqlite-writer", daemon=True)

    async def open(self) -> Loaded:
        """Start the thread and read the file. Raises StoreLocked, StoreFailed."""
        self._thread.start()
        return await self._opened

    def size(self) -> int:
        """Bytes of the data file and of what is not yet merged into it."""
        return sum(file.stat().st_size for file in self._directory.iterdir() if file.is_file())

    def commit(self, batch: Batch) -> None:
        """Hand over a batch; `done(batch, error)` is called on the loop when it is on disk or failed."""
        self._jobs.put(batch)

    async def close(self) -> None:
        """Close the file after the batches handed over so far."""
        self._jobs.put(None)
        await self._closed
        self._thread.join()

    def _run(self) -> None:
        try:
            conn = open_file(self._directory, self._sync)
        except Exception as error:  # noqa: BLE001 - crosses the thread border, raised again by open()
            self._tell(self._opened.set_exception, error)
            return
        try:
            self._serve(conn)
        finally:
            conn.close()
            self._tell(self._closed.set_result, None)

    def _serve(self, conn: sqlite3.Connection) -> None:
        try:
            loaded = load(conn)
        except Exception as error:  # noqa: BLE001 - crosses the thread border, raised again by open()
            self._tell(self._opened.set_exception, error)
            return
        self._tell(self._opened.set_result, loaded)
        while (batch := self._jobs.get()) is not None:
            try:
                _commit(conn, batch)
            except Exception as error:  # noqa: BLE001 - crosses the thread border, stops the store in done()
                self._tell(self._done, batch, error)
            else:
                self._tell(self._done, batch, None)

    def _tell(self, callback: Callable[..., object], *args: object) -> None:
        if not self._loop.is_closed():  # a server that is being torn down has nobody left to tell
            self._loop.call_soon_threadsafe(callback, *args)


def _commit(conn: sqlite3.Connection, batch: Batch) -> None:
    """One transaction, one fsync. Few statements: each gives the GIL away and has to win it back."""
    conn.execute("BEGIN IMMEDIATE")
    rows = [_row(event) for event in batch.events]
    many = len(rows) - len(rows) % _ROWS_PER_STATEMENT
    for at in range(0, many, _ROWS_PER_STATEMENT):
        conn.execute(_INSERT_MANY, [value for row in rows[at : at + _ROWS_PER_STATEMENT] for value in row])
    if many < len(rows):
        conn.executemany(_INSERT, rows[many:])
    if batch.trims:
        revs = ",".join(map(str, batch.trims))
        conn.execute(f"DELETE FROM ev WHERE rev IN ({revs})")
    if batch.compact_rev:
        conn.execute("UPDATE meta SET v=? WHERE k='compact_rev'", (batch.compact_rev,))
    for lease, ttl in batch.leases.items():
        if ttl:
            conn.execute("INSERT OR REPLACE INTO lease VALUES (?,?)", (lease, ttl))
        else:
            conn.execute("DELETE FROM lease WHERE id=?", (lease,))
    conn.execute("COMMIT")


def _row(event: Event) -> tuple[object, ...]:
    kv = event.kv
    if kv is None:
        return (event.rev, event.key, 0, 0, 0, None)
    return (event.rev, event.key, kv.create_rev, kv.version, kv.lease, kv.value)
