"""The behaviour every storage backend must show, as a test class to inherit from.

    class TestMyStore(StoreContract):
        @pytest.fixture
        async def store(self) -> AsyncIterator[Store]:
            store = await MyStore.open(...)
            yield store
            await store.close()

Tests only touch keys under a prefix of their own, and only compare revisions relative to what the store
answered, so that a shared server may be behind the fixture. Next: `kubern/storage/interface.py`.
"""

from __future__ import annotations

import asyncio
import uuid

import pytest

from kubern.storage.errors import Compacted, Conflict, FutureRevision, LeaseNotFound, StorageError, ValueTooLarge
from kubern.storage.interface import KV, Event, Store
from kubern.storage.keys import key_after, prefix_end
from kubern.testing.watch_contract import WatchContract, collect, compact_all


class StoreContract(WatchContract):
    """Inherit, and provide an async fixture named `store`."""

    @pytest.fixture
    def prefix(self) -> str:
        return f"/contract/{uuid.uuid4().hex}/"

    # -- get, put, delete

    async def test_missing_key(self, store: Store, prefix: str) -> None:
        """A key that was never written reads as None, at the current revision."""
        kv, rev = await store.get(prefix + "a")
        assert kv is None
        assert rev == await store.current_revision() > 0

    async def test_create_update_delete(self, store: Store, prefix: str) -> None:
        """A key keeps its create revision over updates and counts its versions."""
        key = prefix + "a"
        created = await store.put(key, b"1", expect=0)
        assert created == KV(key, b"1", created.mod_rev, created.mod_rev, 1, 0)
        updated = await store.put(key, b"2", expect=created.mod_rev)
        assert updated == KV(key, b"2", updated.mod_rev, created.mod_rev, 2, 0)
        assert updated.mod_rev > created.mod_rev
        assert (await store.get(key))[0] == updated
        previous, rev = await store.delete(key, expect=updated.mod_rev)
        assert previous == updated
        assert rev > updated.mod_rev
        assert await store.get(key) == (None, rev)
        again = await store.put(key, b"3", expect=0)
        assert again == KV(key, b"3", again.mod_rev, again.mod_rev, 1, 0)

    async def test_value_bytes_are_kept(self, store: Store, prefix: str) -> None:
        """Values may hold any bytes, also none and very many."""
        for name, value in (("empty", b""), ("zero", b"\0\xff\0"), ("large", bytes(range(256)) * 5000)):
            await store.put(prefix + name, value, expect=None)
            kv, _ = await store.get(prefix + name)
            assert kv is not None
            assert kv.value == value

    async def test_too_large_values(self, store: Store, prefix: str) -> None:
        """A value beyond etcd's request size is refused by every store, and changes nothing."""
        with pytest.raises(ValueTooLarge, match="etcdserver: request is too large"):
            await store.put(prefix + "a", b"x" * 1_600_000, expect=0)
        assert (await store.get(prefix + "a"))[0] is None

    async def test_create_conflict_carries_the_current_value(self, store: Store, prefix: str) -> None:
        """Creating an existing key raises Conflict with what is there."""
        created = await store.put(prefix + "a", b"1", expect=0)
        with pytest.raises(Conflict) as caught:
            await store.put(prefix + "a", b"2", expect=0)
        assert caught.value.current == created
        assert caught.value.rev >= created.mod_rev

    async def test_stale_writes_conflict(self, store: Store, prefix: str) -> None:
        """Updates and deletes with an old revision change nothing."""
        created = await store.put(prefix + "a", b"1", expect=0)
        updated = await store.put(prefix + "a", b"2", expect=created.mod_rev)
        with pytest.raises(Conflict) as caught:
            await store.put(prefix + "a", b"3", expect=created.mod_rev)
        assert caught.value.current == updated
        with pytest.raises(Conflict):
            await store.delete(prefix + "a", expect=created.mod_rev)
        assert (await store.get(prefix + "a"))[0] == updated

    async def test_writes_to_a_missing_key_conflict(self, store: Store, prefix: str) -> None:
        """Updating or deleting a key that is gone raises Conflict without a current value."""
        created = await store.put(prefix + "a", b"1", expect=0)
        await store.delete(prefix + "a", expect=created.mod_rev)
        with pytest.raises(Conflict) as caught:
            await store.put(prefix + "a", b"2", expect=created.mod_rev)
        assert caught.value.current is None
        with pytest.raises(Conflict):
            await store.delete(prefix + "a", expect=created.mod_rev)

    async def test_blind_writes(self, store: Store, prefix: str) -> None:
        """Without an expectation a write always succeeds, and deleting nothing is no error."""
        assert (await store.delete(prefix + "a", expect=None))[0] is None
        first = await store.put(prefix + "a", b"1", expect=None)
        second = await store.put(prefix + "a", b"2", expect=None)
        assert second.create_rev == first.create_rev
        assert (await store.delete(prefix + "a", expect=None))[0] == second

    async def test_concurrent_creates_have_one_winner(self, store: Store, prefix: str) -> None:
        """Of many concurrent creates of one key exactly one succeeds, and the losers see its value."""

        async def create(n: int) -> KV | Conflict:
            try:
                return await store.put(prefix + "a", b"%d" % n, expect=0)
            except Conflict as conflict:
                return conflict

        results = await asyncio.gather(*(create(n) for n in range(50)))
        winners = [result for result in results if isinstance(result, KV)]
        assert len(winners) == 1
        assert all(r.current == winners[0] for r in results if isinstance(r, Conflict))

    async def test_concurrent_increments_are_all_counted(self, store: Store, prefix: str) -> None:
        """Compare-and-swap loops of many writers never lose an update."""
        await store.put(prefix + "n", b"0", expect=0)

        async def increment() -> None:
            while True:
                kv, _ = await store.get(prefix + "n")
                assert kv is not None
                try:
                    await store.put(prefix + "n", b"%d" % (int(kv.value) + 1), expect=kv.mod_rev)
                except Conflict:
                    continue
                return

        await asyncio.gather(*(increment() for _ in range(20)))
        kv, _ = await store.get(prefix + "n")
        assert kv is not None
        assert (kv.value, kv.version) == (b"20", 21)

    async def test_revisions_are_unique(self, store: Store, prefix: str) -> None:
        """Every write gets a revision of its own, larger than all that were acknowledged before."""
        writes = [store.put(f"{prefix}{n}", b"x", expect=0) for n in range(100)]
        revs = [kv.mod_rev for kv in await asyncio.gather(*writes)]
        assert len(set(revs)) == 100
        last = await store.put(prefix + "last", b"x", expect=0)
        assert last.mod_rev > max(revs)

    # -- range

    async def test_range_in_key_order(self, store: Store, prefix: str) -> None:
        """Keys come in code point order, however they were written."""
        names = ["b", "a", "a-b/x", "a/x", "a.b/x", "ä", "z", "\U0001f600", "Z"]
        for name in names:
            await store.put(prefix + name, name.encode(), expect=0)
        page = await store.range(prefix, prefix_end(prefix))
        assert [kv.key for kv in page.kvs] == sorted(prefix + name for name in names)
        assert (page.more, page.total) == (False, len(names))
        assert page.rev == await store.current_revision()
        assert await store.count(prefix, prefix_end(prefix)) == len(names)

    async def test_range_is_half_open(self, store: Store, prefix: str) -> None:
        """A range holds its start and not its end, and may be empty."""
        for name in "abc":
            await store.put(prefix + name, b"x", expect=0)
        page = await store.range(prefix + "a", prefix + "c")
        assert [kv.key for kv in page.kvs] == [prefix + "a", prefix + "b"]
        empty = await store.range(prefix + "x", prefix + "y", limit=5)
        assert (empty.kvs, empty.more, empty.total) == ([], False, 0)
        assert await store.count(prefix + "b", prefix + "c") == 1

    async def test_range_pages(self, store: Store, prefix: str) -> None:
        """A limited range tells the total and whether more follows; pages meet without gap or overlap."""
        for n in range(7):
            await store.put(f"{prefix}{n}", b"x", expect=0)
        start, end = prefix, prefix_end(prefix)
        seen: list[str] = []
        for total, more in ((7, True), (4, True), (1, False)):
            page = await store.range(start, end, limit=3)
            assert (page.total, page.more) == (total, more)
            seen += [kv.key for kv in page.kvs]
            start = key_after(page.kvs[-1].key)
        assert seen == [f"{prefix}{n}" for n in range(7)]
        exact = await store.range(prefix, end, limit=7)
        assert (len(exact.kvs), exact.more) == (7, False)

    async def test_keys_only(self, store: Store, prefix: str) -> None:
        """A keys-only range has empty values and everything else."""
        kv = await store.put(prefix + "a", b"value", expect=0)
        page = await store.range(prefix, prefix_end(prefix), keys_only=True)
        assert page.kvs == [kv._replace(value=b"")]

    # -- the past

    async def test_reads_of_the_past(self, store: Store, prefix: str) -> None:
        """Gets and ranges at an old revision show exactly what was there then."""
        a1 = await store.put(prefix + "a", b"1", expect=0)
        b1 = await store.put(prefix + "b", b"1", expect=0)
        a2 = await store.put(prefix + "a", b"2", expect=a1.mod_rev)
        _, gone = await store.delete(prefix + "b", expect=b1.mod_rev)
        c1 = await store.put(prefix + "c", b"1", expect=0)
        b2 = await store.put(prefix + "b", b"2", expect=0)
        history = {
            a1.mod_rev: [a1],
            b1.mod_rev: [a1, b1],
            a2.mod_rev: [a2, b1],
            gone: [a2],
            c1.mod_rev: [a2, c1],
            b2.mod_rev: [a2, b2, c1],
        }
        for rev, kvs in history.items():
            page = await store.range(prefix, prefix_end(prefix), rev=rev)
            assert (page.kvs, page.total, page.more) == (kvs, len(kvs), False)
            first = await store.range(prefix, prefix_end(prefix), rev=rev, limit=1)
            assert (first.kvs, first.total, first.more) == (kvs[:1], len(kvs), len(kvs) > 1)
        assert (await store.get(prefix + "b", rev=gone))[0] is None
        assert (await store.get(prefix + "b", rev=a2.mod_rev))[0] == b1

    async def test_the_future(self, store: Store, prefix: str) -> None:
        """A revision that does not exist yet cannot be read."""
        future = await store.current_revision() + 1000
        with pytest.raises(FutureRevision):
            await store.get(prefix + "a", rev=future)
        with pytest.raises(FutureRevision):
            await store.range(prefix, prefix_end(prefix), rev=future)

    async def test_compaction(self, store: Store, prefix: str) -> None:
        """After compaction old revisions are refused and current values unchanged."""
        a1 = await store.put(prefix + "a", b"1", expect=0)
        a2 = await store.put(prefix + "a", b"2", expect=a1.mod_rev)
        b1 = await store.put(prefix + "b", b"1", expect=0)
        await store.delete(prefix + "b", expect=b1.mod_rev)
        compacted = await compact_all(store, prefix)
        for rev in (a1.mod_rev, a2.mod_rev, b1.mod_rev):
            with pytest.raises(Compacted):
                await store.range(prefix, prefix_end(prefix), rev=rev)
            with pytest.raises(Compacted):
                await store.get(prefix + "a", rev=rev)
        assert (await store.get(prefix + "a"))[0] == a2
        await store.compact(compacted)
        page = await store.range(prefix, prefix_end(prefix), rev=compacted)
        assert [kv.key for kv in page.kvs] == [prefix + "a", prefix + "~compact"]

    async def test_compacting_the_future(self, store: Store) -> None:
        """Compaction cannot go beyond the current revision."""
        with pytest.raises(FutureRevision):
            await store.compact(await store.current_revision() + 1000)

    # -- leases

    async def test_lease_expiry_deletes_its_keys(self, store: Store, prefix: str) -> None:
        """When a lease runs out its keys are deleted like by anyone else; keys without it stay."""
        lease = await store.lease_grant(1)
        leased = await store.put(prefix + "a", b"1", expect=0, lease=lease)
        assert leased.lease == lease
        await store.put(prefix + "kept", b"1", expect=0)
        watcher = await store.watch(prefix, prefix_end(prefix), after=leased.mod_rev)
        events = await collect(watcher, 2, timeout=10)
        await watcher.aclose()
        assert events[-1] == Event(events[-1].rev, prefix + "a", None, leased)
        assert await store.count(prefix, prefix_end(prefix)) == 1

    async def test_lease_revoke(self, store: Store, prefix: str) -> None:
        """Revoking a lease deletes its keys at once; a revoked lease cannot be kept alive or used."""
        lease = await store.lease_grant(60)
        assert await store.lease_keepalive(lease) == 60
        await store.put(prefix + "a", b"1", expect=0, lease=lease)
        moved = await store.put(prefix + "b", b"1", expect=0, lease=lease)
        await store.put(prefix + "b", b"2", expect=moved.mod_rev)
        await store.lease_revoke(lease)
        page = await store.range(prefix, prefix_end(prefix))
        assert [kv.key for kv in page.kvs] == [prefix + "b"]
        assert await store.lease_keepalive(lease) == 0
        with pytest.raises(LeaseNotFound):
            await store.put(prefix + "c", b"1", expect=0, lease=lease)

    # -- life

    async def test_healthy(self, store: Store) -> None:
        """A store that works says so by returning."""
        await store.healthy()

    async def test_closed(self, store: Store, prefix: str) -> None:
        """A closed store refuses work and ends its watches."""
        watcher = await store.watch(prefix, prefix_end(prefix), after=await store.current_revision())
        await store.close()
        with pytest.raises(StorageError):
            await collect(watcher, 1)
        with pytest.raises(StorageError):
            await store.put(prefix + "a", b"1", expect=0)
        with pytest.raises(StorageError):
            await store.get(prefix + "a")
