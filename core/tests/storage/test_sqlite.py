"""What the embedded store adds to the contract: durability, one owner, history across restarts."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from kubern.storage.errors import Compacted, Conflict, StoreFailed, StoreLocked, Uncertain
from kubern.storage.interface import Event
from kubern.storage.sqlite.schema import FILE_NAME
from kubern.storage.sqlite.store import SqliteStore
from kubern.testing.waiting import until


async def reopen(store: SqliteStore, directory: Path) -> SqliteStore:
    await store.close()
    return await SqliteStore.open(directory)


async def test_everything_survives_a_restart(tmp_path: Path) -> None:
    """Values, revisions, history and the compaction point are the same after reopening."""
    store = await SqliteStore.open(tmp_path)
    a1 = await store.put("/a", b"1", expect=0)
    a2 = await store.put("/a", b"2", expect=a1.mod_rev)
    b1 = await store.put("/b", b"1", expect=0)
    await store.compact(a2.mod_rev)
    _, gone = await store.delete("/b", expect=b1.mod_rev)
    store = await reopen(store, tmp_path)
    assert await store.get("/a") == (a2, gone)
    assert await store.get("/b") == (None, gone)
    assert (await store.get("/b", rev=b1.mod_rev))[0] == b1
    with pytest.raises(Compacted):
        await store.get("/a", rev=a1.mod_rev)
    assert (await store.put("/a", b"3", expect=a2.mod_rev)).mod_rev == gone + 1
    await store.close()


async def test_revisions_never_repeat(tmp_path: Path) -> None:
    """The revision counter goes on after a restart even when the newest rows were compacted away."""
    store = await SqliteStore.open(tmp_path)
    created = await store.put("/a", b"1", expect=0)
    _, gone = await store.delete("/a", expect=created.mod_rev)
    await store.compact(gone)
    store = await reopen(store, tmp_path)
    assert store.revision == gone
    assert (await store.put("/a", b"1", expect=0)).mod_rev == gone + 1
    await store.close()


async def test_compaction_frees_superseded_rows(tmp_path: Path) -> None:
    """After compaction the file holds one row per key; deletes leave nothing behind."""
    store = await SqliteStore.open(tmp_path)
    for n in range(1300):
        await store.put("/a", b"%d" % n, expect=None)
    await store.put("/b", b"1", expect=0)
    _, gone = await store.delete("/b", expect=None)
    await store.compact(gone)
    await until(lambda: not (store._trims or store._in_flight or store._compact_rev_due))
    await store.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as conn:
        rows = conn.execute("SELECT key, value FROM ev").fetchall()
    conn.close()
    assert rows == [("/a", b"1299")]


async def test_a_compaction_cut_short_is_finished_later(tmp_path: Path) -> None:
    """Rows a stopped compaction left behind are removed after the next start."""
    store = await SqliteStore.open(tmp_path)
    for n in range(5):
        await store.put("/a", b"%d" % n, expect=None)
    await store.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as conn:
        conn.execute("UPDATE meta SET v=5 WHERE k='compact_rev'")
    conn.close()
    store = await SqliteStore.open(tmp_path)
    assert store.state.compact_rev == 5
    kv = await store.put("/b", b"1", expect=0)
    await store.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as conn:
        revs = [rev for (rev,) in conn.execute("SELECT rev FROM ev ORDER BY rev")]
    conn.close()
    assert revs == [5, 6, kv.mod_rev]


async def test_second_server_is_refused(tmp_path: Path) -> None:
    """A data directory has one owner; the second one is told which directory is taken."""
    store = await SqliteStore.open(tmp_path)
    with pytest.raises(StoreLocked, match="is in use by another server"):
        await SqliteStore.open(tmp_path)
    await store.put("/a", b"1", expect=0)
    store = await reopen(store, tmp_path)
    await store.close()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A damaged or foreign data file stops the start with a clear error."""
    (tmp_path / FILE_NAME).write_bytes(b"not a database, but longer than a header " * 10)
    with pytest.raises(StoreFailed, match="cannot read"):
        await SqliteStore.open(tmp_path)


async def test_nothing_is_visible_before_it_is_durable(tmp_path: Path) -> None:
    """A write on its way to disk cannot be read or watched, but later writes already build on it."""
    store = await SqliteStore.open(tmp_path)
    seen: list[Event] = []
    store.subscribe("/", "0", lambda events, rev: seen.extend(events), lambda error: None)
    first = asyncio.ensure_future(store.put("/a", b"1", expect=0))
    await asyncio.sleep(0)
    assert (await store.get("/a"))[0] is None
    assert seen == []
    second = await store.put("/a", b"2", expect=store.revision + 1)
    assert first.done()
    assert second.version == 2
    assert [event.kv.value for event in seen if event.kv] == [b"1", b"2"]
    await store.close()


async def test_a_lost_race_is_reported_after_the_winner_is_durable(tmp_path: Path) -> None:
    """A conflict with a write in flight waits until that write can be read."""
    store = await SqliteStore.open(tmp_path)
    winner = asyncio.ensure_future(store.put("/a", b"1", expect=0))
    await asyncio.sleep(0)
    with pytest.raises(Conflict) as caught:
        await store.put("/a", b"2", expect=0)
    assert winner.done()
    assert await store.get("/a") == (caught.value.current, store.revision)
    await store.close()


async def test_cancelled_writers_do_not_disturb_others(tmp_path: Path) -> None:
    """A writer that gives up leaves its write to be finished, and its group to succeed."""
    store = await SqliteStore.open(tmp_path)
    tasks = [asyncio.ensure_future(store.put(f"/{n}", b"x", expect=0)) for n in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[1], asyncio.CancelledError)
    assert await store.count("/", "0") == 4
    await store.close()


async def test_a_failed_commit_stops_the_store(tmp_path: Path) -> None:
    """When the file cannot be written, writers in flight learn that the outcome is unknown, later ones are refused."""
    store = await SqliteStore.open(tmp_path)
    failures: list[BaseException] = []
    store.subscribe("/", "0", lambda events, rev: None, failures.append)
    await store.put("/a", b"1", expect=0)
    store._assigned -= 1  # the next row repeats a primary key, which the file refuses
    with pytest.raises(Uncertain, match="cannot be written"):
        await store.put("/b", b"1", expect=0)
    assert len(failures) == 1
    with pytest.raises(StoreFailed):
        await store.put("/c", b"1", expect=0)
    with pytest.raises(StoreFailed):
        await store.healthy()
    await store.close()


async def test_leases_survive_a_restart(tmp_path: Path) -> None:
    """A lease runs its full time again after a restart and then deletes its keys."""
    store = await SqliteStore.open(tmp_path)
    lease = await store.lease_grant(1)
    await store.put("/a", b"1", expect=0, lease=lease)
    store = await reopen(store, tmp_path)
    assert (await store.get("/a"))[0] is not None
    await until(lambda: not store.state.current)
    store = await reopen(store, tmp_path)
    assert (await store.get("/a"))[0] is None
    await store.close()


async def test_old_history_is_compacted_in_time(tmp_path: Path) -> None:
    """History older than two intervals is forgotten without anyone asking."""
    store = await SqliteStore.open(tmp_path, compaction_interval=0.05)
    first = await store.put("/a", b"1", expect=0)
    await store.put("/a", b"2", expect=first.mod_rev)
    await until(lambda: store.state.compact_rev >= first.mod_rev)
    await store.close()
