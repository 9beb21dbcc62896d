"""Watches through the watch cache."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from kubern.storage.cacher import CacheWatcher, Change, Selection, WatchEvent, history, watcher
from kubern.storage.errors import TooOldResourceVersion
from kubern.testing.waiting import until

from .conftest import FarStore, Things

YES = Selection(labels=lambda labels: labels.get("sel") == "yes")
Seen = tuple[str, str, int]


def short(event: WatchEvent) -> Seen:
    return (event.type, event.entry.name if event.entry else "", event.rev)


async def take(watch: CacheWatcher, count: int) -> list[Seen]:
    """The next `count` events; fails when they do not come."""
    seen: list[Seen] = []
    async with asyncio.timeout(5):
        async for events in watch:
            seen += map(short, events)
            if len(seen) >= count:
                break
    assert len(seen) == count
    return seen


async def rest(watch: CacheWatcher) -> list[Seen]:
    """Everything until the watch ends."""
    async with asyncio.timeout(5):
        return [short(event) async for events in watch for event in events]


async def test_from_a_revision(things: Things) -> None:
    """A watch from N delivers every later change once, those before it was opened and those after."""
    a = await things.create("a")
    a2 = await things.update(a, 2)
    await things.cacher.wait_for(a2.mod_rev)
    watch = await things.cacher.watch(resource_version=str(a.mod_rev))
    b = await things.create("b")
    gone = await things.delete(a2)
    assert await take(watch, 3) == [
        ("MODIFIED", "a", a2.mod_rev),
        ("ADDED", "b", b.mod_rev),
        ("DELETED", "a", gone.mod_rev),
    ]


@pytest.mark.parametrize("version", ["", "0"])
async def test_initial_state(things: Things, version: str) -> None:
    """Without a revision the current objects come first as ADDED, in key order, then changes."""
    b = await things.create("b")
    a = await things.create("a")
    await things.cacher.wait_for(a.mod_rev)
    watch = await things.cacher.watch(resource_version=version)
    c = await things.create("c")
    assert await take(watch, 3) == [("ADDED", "a", a.mod_rev), ("ADDED", "b", b.mod_rev), ("ADDED", "c", c.mod_rev)]


async def test_moving_in_and_out_of_a_selection(near_things: Things) -> None:
    """Objects that start to match are ADDED, those that stop are DELETED with their last matching content."""
    a = await near_things.create("a", 1, sel="no")
    watch = await near_things.cacher.watch(YES, resource_version=str(a.mod_rev))
    inside = await near_things.update(a, 1, sel="yes")
    changed = await near_things.update(inside, 2, sel="yes")
    out = await near_things.update(changed, 3)
    outside = await near_things.update(out, 4)
    b = await near_things.create("b", 5, sel="yes")
    gone = await near_things.delete(b)
    watch.stop()
    events = [event async for batch in watch for event in batch]
    assert list(map(short, events)) == [
        ("ADDED", "a", inside.mod_rev),
        ("MODIFIED", "a", changed.mod_rev),
        ("DELETED", "a", out.mod_rev),
        ("ADDED", "b", b.mod_rev),
        ("DELETED", "b", gone.mod_rev),
    ]
    last = events[2].entry
    assert last is not None
    decoded = last.decode()
    assert (decoded["n"], decoded["metadata"]["resourceVersion"]) == (2, str(out.mod_rev))
    assert outside.mod_rev > out.mod_rev


async def test_field_selection(near_things: Things) -> None:
    """Field predicates see name, namespace and the resource's own fields."""
    fields = Selection(fields=lambda fields: fields["n"] == "1" and fields["metadata.name"] == "a")
    watch = await near_things.cacher.watch(fields, resource_version="1")
    a = await near_things.create("a", 0)
    await near_things.create("b", 1)
    one = await near_things.update(a, 1)
    assert await take(watch, 1) == [("ADDED", "a", one.mod_rev)]


async def test_scopes(near_things: Things) -> None:
    """Watches of a namespace, a name or both see only what is theirs."""
    cacher = near_things.cacher
    selections = [Selection(), Selection("x"), Selection("x", "a"), Selection("", "a"), Selection("y", "a")]
    watches = [await cacher.watch(selection, resource_version="1") for selection in selections]
    for name in ("x/a", "x/b", "y/a", "z/c"):
        await near_things.create(name)
    for watch in watches:
        watch.stop()
    seen = [[f"{name}" for _, name, _ in await rest(watch)] for watch in watches]
    assert seen == [["a", "b", "a", "c"], ["a", "b"], ["a"], ["a", "a"], ["a"]]
    assert len(cacher._fanout) == 0


async def test_backlog_keeps_to_the_scope(near_things: Things) -> None:
    """Missed changes are filtered like live ones."""
    for name in ("x/a", "y/a", "x/b"):
        await near_things.create(name)
    watch = await near_things.cacher.watch(Selection("x", "b"), resource_version="1")
    watch.stop()
    assert [name for _, name, _ in await rest(watch)] == ["b"]


async def test_one_object_initially(near_things: Things) -> None:
    """A watch of one name starts with that object only."""
    await near_things.create("a")
    await near_things.create("b")
    watch = await near_things.cacher.watch(Selection("default", "b"))
    missing = await near_things.cacher.watch(Selection("default", "zz"))
    watch.stop()
    missing.stop()
    assert [name for _, name, _ in await rest(watch)] == ["b"]
    assert await rest(missing) == []


async def test_events_are_shared(near_things: Things) -> None:
    """Watchers of the same view get the same event object, so that it is encoded once."""
    first = await near_things.cacher.watch(resource_version="1")
    second = await near_things.cacher.watch(Selection("default"), resource_version="1")
    selective = await near_things.cacher.watch(YES, resource_version="1")
    a = await near_things.create("a", sel="yes")
    await near_things.update(a, 1)
    (added, modified), (added2, modified2), (added3, deleted) = [
        await anext(watch) for watch in (first, second, selective)
    ]
    assert added is added2 is added3
    assert modified is modified2
    assert (modified.type, deleted.type) == ("MODIFIED", "DELETED")
    added.encoded["application/json"] = b"frame"
    assert added2.encoded == {"application/json": b"frame"}


async def test_watch_list(things: Things) -> None:
    """sendInitialEvents gives the objects, a bookmark that marks their end, then changes."""
    a = await things.create("a", sel="yes")
    await things.create("b")
    watch = await things.cacher.watch(YES, send_initial_events=True, allow_bookmarks=True)
    async with asyncio.timeout(5):
        [added] = await anext(watch)
        [bookmark] = await anext(watch)
    c = await things.create("c", sel="yes")
    assert short(added) == ("ADDED", "a", a.mod_rev)
    assert (bookmark.type, bookmark.initial_events_end) == ("BOOKMARK", True)
    assert bookmark.rev >= a.mod_rev + 1
    assert await take(watch, 1) == [("ADDED", "c", c.mod_rev)]


async def test_watch_list_at_a_revision(things: Things) -> None:
    """The initial state is not older than the revision asked for."""
    a = await things.create("a")
    b = await things.create("b")
    watch = await things.cacher.watch(resource_version=str(b.mod_rev), send_initial_events=True, allow_bookmarks=True)
    assert await take(watch, 3) == [
        ("ADDED", "a", a.mod_rev),
        ("ADDED", "b", b.mod_rev),
        ("BOOKMARK", "", b.mod_rev),
    ]


async def test_watch_list_without_bookmarks(near_things: Things) -> None:
    """Who does not allow bookmarks gets the objects and no mark."""
    a = await near_things.create("a")
    watch = await near_things.cacher.watch(send_initial_events=True)
    watch.stop()
    assert await rest(watch) == [("ADDED", "a", a.mod_rev)]


@pytest.mark.parametrize("version", ["", "0"])
async def test_no_initial_events(things: Things, version: str) -> None:
    """sendInitialEvents false starts with the next change."""
    a = await things.create("a")
    await things.cacher.wait_for(a.mod_rev)
    watch = await things.cacher.watch(resource_version=version, send_initial_events=False)
    b = await things.create("b")
    assert await take(watch, 1) == [("ADDED", "b", b.mod_rev)]


async def test_from_the_future(near_things: Things) -> None:
    """A watch from a future revision is silent until then."""
    a = await near_things.create("a")
    watch = await near_things.cacher.watch(resource_version=str(a.mod_rev + 2))
    for name in ("b", "c", "d"):
        last = await near_things.create(name)
    watch.stop()
    assert await rest(watch) == [("ADDED", "d", last.mod_rev)]


async def test_too_old(near_things: Things, monkeypatch: pytest.MonkeyPatch) -> None:
    """A watch from before the remembered changes is refused with upstream's words."""
    monkeypatch.setattr(history, "MAX_EVENTS", 150)
    await near_things.store.put("/registry/other/x", b"", expect=0)
    a = await near_things.create("a")
    with pytest.raises(TooOldResourceVersion, match=r"^too old resource version: 1 \(2\)$"):
        await near_things.cacher.watch(resource_version="1")
    for n in range(200):
        a = await near_things.update(a, n)
    with pytest.raises(TooOldResourceVersion, match=rf"^too old resource version: 5 \({a.mod_rev - 150}\)$"):
        await near_things.cacher.watch(resource_version="5")
    watch = await near_things.cacher.watch(resource_version=str(a.mod_rev - 150))
    watch.stop()
    assert len(await rest(watch)) == 150


async def test_slow_watchers_are_cut_off(near_things: Things, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that lets its queue fill up loses its watch; others do not notice."""
    monkeypatch.setattr(watcher, "INITIAL_QUEUE_LIMIT", 10)
    slow = await near_things.cacher.watch(resource_version="1")
    quick = await near_things.cacher.watch(resource_version="1")
    for n in range(11):
        await near_things.create(f"n{n}")
        await anext(quick)
    assert slow.cut_off
    assert await rest(slow) == []
    assert not quick.cut_off
    assert len(near_things.cacher._fanout) == 1


async def test_timeout_and_bookmarks(near_things: Things, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bookmarks come periodically and shortly before the timeout, which ends the watch."""
    monkeypatch.setattr(watcher, "BOOKMARK_PERIOD", 0.2)
    monkeypatch.setattr(watcher, "BOOKMARK_BEFORE_TIMEOUT", 0.05)
    a = await near_things.create("a")
    with_bookmarks = await near_things.cacher.watch(resource_version=str(a.mod_rev), allow_bookmarks=True, timeout=0.3)
    without = await near_things.cacher.watch(resource_version=str(a.mod_rev), timeout=0.1)
    await near_things.store.put("/registry/other/x", b"", expect=0)
    assert await rest(without) == []
    assert await rest(with_bookmarks) == [("BOOKMARK", "", a.mod_rev + 1)] * 2


async def test_stop_wakes_the_reader(near_things: Things) -> None:
    """Stopping a watch ends a reader that waits for events."""
    watch = await near_things.cacher.watch()
    reader = asyncio.ensure_future(rest(watch))
    await asyncio.sleep(0)
    watch.stop()
    assert await reader == []


async def test_a_failed_store_ends_watches(near_things: Things) -> None:
    """When the store stops, every watch ends."""
    watch = await near_things.cacher.watch()
    await near_things.store.close()
    assert await rest(watch) == []
    assert not near_things.cacher.is_ready


def _fail(changes: Sequence[Change]) -> None:
    raise ZeroDivisionError


async def test_subscribers_see_changes_with_the_commit(near_things: Things) -> None:
    """In-process consumers are called before the writer is woken, and not after they left."""
    batches: list[Sequence[Change]] = []
    await near_things.cacher.ready()
    leave = near_things.cacher.subscribe(batches.append)
    near_things.cacher.subscribe(_fail)
    a = await near_things.create("a", 1)
    assert [(change.entry, change.prev, change.rev) for [change] in batches] == [(a, None, a.mod_rev)]
    gone = await near_things.delete(a)
    assert [(c.entry, c.prev, c.rev) for [c] in batches[1:]] == [(None, a, gone.mod_rev)]
    leave()
    await near_things.create("b")
    assert len(batches) == 2
    assert list(near_things.cacher.entries()) == [near_things.key("b")]


async def test_a_lost_connection_is_made_good(near_things: Things) -> None:
    """A distant store whose watch breaks is listed again; watches end, subscribers get the difference."""
    far = Things(FarStore(near_things.store))  # type: ignore[arg-type]
    changes: list[tuple[str, str]] = []
    a = await far.create("a")
    b = await far.create("b")
    await far.cacher.wait_for(b.mod_rev)
    far.cacher.subscribe(lambda batch: changes.extend((c.name, "gone" if c.entry is None else "set") for c in batch))
    watch = await far.cacher.watch()
    assert len(await take(watch, 2)) == 2
    near_things.store.state.feeds.fail(TooOldResourceVersion(1, 2))  # type: ignore[attr-defined]
    await near_things.store.delete(b.key, expect=None)
    await near_things.update(a, 2)
    assert await rest(watch) == []
    await until(lambda: far.cacher.is_ready)
    assert changes == [("b", "gone"), ("a", "set")]
    again = await far.cacher.watch()
    c = await far.create("c")
    assert (await take(again, 2))[1] == ("ADDED", "c", c.mod_rev)
    await far.cacher.close()
