"""The watching part of the storage contract; next: `storage_contract.py`, which has all of it."""

from __future__ import annotations

import asyncio

import pytest

from kubern.storage.errors import Compacted
from kubern.storage.interface import Event, Store, Watcher
from kubern.storage.keys import prefix_end


async def collect(watcher: Watcher, count: int, timeout: float = 5.0) -> list[Event]:
    """The next `count` events of a watch; fails when they do not come in time."""
    events: list[Event] = []
    async with asyncio.timeout(timeout):
        async for batch, _ in watcher:
            events.extend(batch)
            if len(events) >= count:
                return events
    return events


async def compact_all(store: Store, prefix: str) -> int:
    """Compact up to a revision newer than all the test has written; that revision."""
    kv = await store.put(prefix + "~compact", b"", expect=None)
    await store.compact(kv.mod_rev)
    return kv.mod_rev


class WatchContract:
    """What `StoreContract` asks of watches."""

    async def test_watch_sees_every_change(self, store: Store, prefix: str) -> None:
        """A watch delivers creates, updates and deletes in order, with the value before."""
        watcher = await store.watch(prefix, prefix_end(prefix), after=await store.current_revision())
        a1 = await store.put(prefix + "a", b"1", expect=0)
        a2 = await store.put(prefix + "a", b"2", expect=a1.mod_rev)
        _, gone = await store.delete(prefix + "a", expect=a2.mod_rev)
        events = await collect(watcher, 3)
        await watcher.aclose()
        assert events == [
            Event(a1.mod_rev, prefix + "a", a1, None),
            Event(a2.mod_rev, prefix + "a", a2, a1),
            Event(gone, prefix + "a", None, a2),
        ]

    async def test_watch_starts_after_its_revision(self, store: Store, prefix: str) -> None:
        """A watch begins with the first change after the given revision, also when that is long ago."""
        revs = [(await store.put(prefix + "a", b"%d" % n, expect=None)).mod_rev for n in range(5)]
        watcher = await store.watch(prefix, prefix_end(prefix), after=revs[1])
        live = await store.put(prefix + "b", b"x", expect=0)
        events = await collect(watcher, 4)
        await watcher.aclose()
        assert [event.rev for event in events] == [*revs[2:], live.mod_rev]

    async def test_watch_keeps_to_its_range(self, store: Store, prefix: str) -> None:
        """Changes of other keys are not delivered."""
        after = await store.current_revision()
        watcher = await store.watch(prefix + "b", prefix + "c", after=after)
        for name in ("a", "b", "ba", "c", "bz"):
            await store.put(prefix + name, b"x", expect=0)
        events = await collect(watcher, 3)
        await watcher.aclose()
        assert [event.key for event in events] == [prefix + "b", prefix + "ba", prefix + "bz"]

    async def test_watch_from_the_future_waits_for_it(self, store: Store, prefix: str) -> None:
        """A watch that starts after a revision of the future skips everything up to it."""
        skipped = await store.current_revision() + 2
        watcher = await store.watch(prefix, prefix_end(prefix), after=skipped)
        kvs = [await store.put(prefix + "a", b"%d" % n, expect=None) for n in range(4)]
        wanted = [kv.mod_rev for kv in kvs if kv.mod_rev > skipped]
        events = await collect(watcher, len(wanted))
        await watcher.aclose()
        assert [event.rev for event in events] == wanted

    async def test_watch_without_previous_values(self, store: Store, prefix: str) -> None:
        """`prev` False leaves the previous values out; deletes still name their key."""
        watcher = await store.watch(prefix, prefix_end(prefix), after=await store.current_revision(), prev=False)
        await store.put(prefix + "a", b"1", expect=0)
        await store.delete(prefix + "a", expect=None)
        events = await collect(watcher, 2)
        await watcher.aclose()
        assert [(event.key, event.kv is None, event.prev) for event in events] == [
            (prefix + "a", False, None),
            (prefix + "a", True, None),
        ]

    async def test_compacted_watch(self, store: Store, prefix: str) -> None:
        """A watch from a compacted revision ends with Compacted, which names where history begins."""
        first = await store.put(prefix + "a", b"1", expect=0)
        await store.put(prefix + "a", b"2", expect=None)
        await store.put(prefix + "a", b"3", expect=None)
        compacted = await compact_all(store, prefix)
        watcher = await store.watch(prefix, prefix_end(prefix), after=first.mod_rev)
        with pytest.raises(Compacted) as caught:
            await collect(watcher, 1)
        assert caught.value.compact_rev == compacted
        await watcher.aclose()

    async def test_watchers_are_independent(self, store: Store, prefix: str) -> None:
        """Many watches of one range each get every event; closing one does not disturb the others."""
        after = await store.current_revision()
        watchers = [await store.watch(prefix, prefix_end(prefix), after=after) for _ in range(10)]
        await watchers[0].aclose()
        await asyncio.gather(*(store.put(f"{prefix}{n}", b"x", expect=0) for n in range(50)))
        seen = await asyncio.gather(*(collect(watcher, 50) for watcher in watchers[1:]))
        revs = [[event.rev for event in events] for events in seen]
        assert all(revs[0] == sorted(r) == r for r in revs)
        for watcher in watchers[1:]:
            await watcher.aclose()

    async def test_acknowledged_writes_are_readable(self, store: Store, prefix: str) -> None:
        """A read that starts after a write was acknowledged sees it, and its revision."""

        async def write_and_read(n: int) -> None:
            written = await store.put(f"{prefix}{n}", b"x", expect=0)
            kv, rev = await store.get(f"{prefix}{n}")
            assert kv == written
            assert rev >= written.mod_rev

        await asyncio.gather(*(write_and_read(n) for n in range(50)))
