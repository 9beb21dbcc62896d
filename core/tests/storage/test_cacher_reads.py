"""Gets and lists through the watch cache, on a store in this process and on distant ones."""

from __future__ import annotations

import asyncio

import pytest

from kubern.storage.cacher import Entry, Selection, follow, remote
from kubern.storage.errors import (
    Compacted,
    Conflict,
    CorruptValue,
    ExpiredContinue,
    InvalidContinue,
    InvalidResourceVersion,
    StorageError,
    TooLargeResourceVersion,
)
from kubern.testing.waiting import until

from .conftest import PREFIX, Things


def names(entries: list[Entry]) -> list[str]:
    return [f"{entry.namespace}/{entry.name}" for entry in entries]


ODD = Selection(labels=lambda labels: labels.get("odd") == "1")


async def test_get_sees_acknowledged_writes(things: Things) -> None:
    """A get after a create, update or delete shows exactly that state, with its revision."""
    assert await things.cacher.get(things.key("a")) is None
    created = await things.create("a", 1)
    got = await things.cacher.get(things.key("a"))
    assert got is not None
    assert got.object() == created.object()
    updated = await things.update(created, 2)
    got = await things.cacher.get(things.key("a"))
    assert got is not None
    assert (got.mod_rev, got.decode()["n"]) == (updated.mod_rev, 2)
    gone = await things.delete(updated)
    assert await things.cacher.get(things.key("a")) is None
    assert gone.mod_rev > updated.mod_rev
    assert gone.decode()["n"] == 2


async def test_get_not_older_than(things: Things) -> None:
    """A get at a revision waits for it; one that does not come is refused with both numbers."""
    created = await things.create("a", 1)
    got = await things.cacher.get(things.key("a"), str(created.mod_rev))
    assert got is not None
    assert got.mod_rev == created.mod_rev
    assert await things.cacher.get(things.key("a"), "0") is not None


async def test_a_revision_that_does_not_come(things: Things, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for a future revision ends with Too large resource version."""
    monkeypatch.setattr(follow, "WAIT_SECONDS", 0.1)
    monkeypatch.setattr(remote, "WAIT_SECONDS", 0.1)
    await things.create("a")
    with pytest.raises(TooLargeResourceVersion, match="Too large resource version: 900, current: 2") as caught:
        await things.cacher.get(things.key("a"), "900")
    assert caught.value.retry_after == 1
    with pytest.raises(TooLargeResourceVersion):
        await things.cacher.list(resource_version="900", match="NotOlderThan")
    with pytest.raises(TooLargeResourceVersion):
        await things.cacher.list(resource_version="900", match="Exact")


async def test_a_revision_that_comes_in_time(things: Things) -> None:
    """A read for a near future revision is answered when the write arrives."""
    created = await things.create("a")
    waiting = asyncio.ensure_future(things.cacher.get(things.key("b"), str(created.mod_rev + 1)))
    await asyncio.sleep(0)
    await things.create("b")
    assert await waiting is not None


@pytest.mark.parametrize("text", ["abc", "-1", "1.5", " 1", "18446744073709551616", "٣"])
async def test_versions_that_are_no_numbers(near_things: Things, text: str) -> None:
    """Anything but an unsigned 64 bit number is refused with the parser's words."""
    with pytest.raises(InvalidResourceVersion, match=r'^resourceVersion: Invalid value: ".*": strconv.ParseUint: '):
        await near_things.cacher.get(near_things.key("a"), text)
    with pytest.raises(InvalidResourceVersion):
        await near_things.cacher.list(resource_version=text)
    with pytest.raises(InvalidResourceVersion):
        await near_things.cacher.watch(resource_version=text)


async def test_conflicts_pass_through(things: Things) -> None:
    """Lost races surface as the store's Conflict, and its value can be made an entry."""
    created = await things.create("a", 1)
    with pytest.raises(Conflict) as caught:
        await things.create("a", 2)
    assert caught.value.current is not None
    assert things.cacher.entry_of(caught.value.current).decode() == created.decode()
    with pytest.raises(Conflict):
        await things.cacher.delete(created.key, created.mod_rev + 5)
    got = await things.cacher.get(created.key)
    assert got is not None
    assert got.mod_rev == created.mod_rev


async def test_list_orders_by_key(things: Things) -> None:
    """Lists are in key order, by namespace or over all of them, and carry the store's revision."""
    for name in ("b/x", "a/z", "a/a", "a-b/m", "b/a"):
        last = await things.create(name)
    everything = await things.cacher.list()
    assert names(everything.entries) == ["a-b/m", "a/a", "a/z", "b/a", "b/x"]
    assert (everything.revision, everything.continue_token, everything.remaining) == (last.mod_rev, "", None)
    assert names((await things.cacher.list(Selection("a"))).entries) == ["a/a", "a/z"]
    await things.cacher.wait_for(last.mod_rev)
    assert names((await things.cacher.list(Selection("b"), resource_version="0")).entries) == ["b/a", "b/x"]
    assert (await things.cacher.list(Selection("c"))).entries == []


async def test_list_selects(things: Things) -> None:
    """Label and field predicates both have to agree; a name is looked up directly."""
    await things.create("a", 1, odd="1")
    await things.create("b", 2)
    await things.create("c", 3, odd="1")
    assert names((await things.cacher.list(ODD)).entries) == ["default/a", "default/c"]
    both = ODD._replace(fields=lambda fields: fields["n"] == "3" and fields["metadata.namespace"] == "default")
    assert names((await things.cacher.list(both)).entries) == ["default/c"]
    named = Selection("default", "b", fields=lambda fields: fields["metadata.name"] == "b")
    assert names((await things.cacher.list(named)).entries) == ["default/b"]
    assert (await things.cacher.list(named._replace(namespace="other"))).entries == []


async def test_pages_show_one_revision(things: Things) -> None:
    """Pages after the first show the state of the first, whatever was written meanwhile."""
    entries = [await things.create(name) for name in ("a1", "a2", "a3", "b4", "b5")]
    selection = Selection("default")
    page1 = await things.cacher.list(selection, limit=2)
    assert (names(page1.entries), page1.remaining) == (["default/a1", "default/a2"], 3)
    await things.delete(entries[4])
    await things.create("a9")
    await things.update(entries[2], 7)
    page2 = await things.cacher.list(selection, limit=2, continue_token=page1.continue_token)
    assert (names(page2.entries), page2.remaining) == (["default/a3", "default/b4"], 1)
    assert page2.entries[0].decode()["n"] == 0
    page3 = await things.cacher.list(selection, limit=2, continue_token=page2.continue_token)
    assert names(page3.entries) == ["default/b5"]
    assert (page3.continue_token, page3.remaining) == ("", None)
    assert page1.revision == page2.revision == page3.revision
    rest = await things.cacher.list(selection, continue_token=page1.continue_token)
    assert names(rest.entries) == ["default/a3", "default/b4", "default/b5"]


async def test_full_pages(things: Things) -> None:
    """A limit of exactly or more than what is there gives no token; no or negative limits mean everything."""
    for name in ("a", "b", "c"):
        last = await things.create(name)
    for limit in (3, 500, 0, -1):
        page = await things.cacher.list(limit=limit)
        assert (len(page.entries), page.continue_token, page.remaining) == (3, "", None)
    await things.cacher.wait_for(last.mod_rev)
    at_any = await things.cacher.list(limit=1, resource_version="0")
    assert len(at_any.entries) == 3


async def test_pages_with_selectors(things: Things) -> None:
    """With selectors the remaining count is unknown, and the last page may be empty."""
    for n, name in enumerate(("a1", "a2", "a3", "b4")):
        await things.create(name, odd=str((n + 1) % 2))
    page1 = await things.cacher.list(ODD, limit=1)
    assert (names(page1.entries), page1.remaining) == (["default/a1"], None)
    page2 = await things.cacher.list(ODD, limit=1, continue_token=page1.continue_token)
    assert names(page2.entries) == ["default/a3"]
    page3 = await things.cacher.list(ODD, limit=1, continue_token=page2.continue_token)
    assert (page3.entries, page3.continue_token) == ([], "")


async def test_pages_over_namespaces(things: Things) -> None:
    """A list over all namespaces pages through them in key order."""
    for name in ("a/x", "a-b/x", "b/x"):
        await things.create(name)
    seen: list[str] = []
    token = ""
    while True:
        page = await things.cacher.list(limit=1, continue_token=token)
        seen += names(page.entries)
        token = page.continue_token
        if not token:
            break
    assert seen == ["a-b/x", "a/x", "b/x"]


async def test_exact_revision(things: Things) -> None:
    """Exact lists, and limited ones with a bare version, show the past as it was."""
    first = await things.create("a", 1)
    second = await things.update(first, 2)
    third = await things.create("b", 3)
    past = await things.cacher.list(resource_version=str(first.mod_rev), match="Exact")
    assert ([entry.mod_rev for entry in past.entries], past.revision) == ([first.mod_rev], first.mod_rev)
    legacy = await things.cacher.list(resource_version=str(second.mod_rev), limit=10)
    assert [entry.mod_rev for entry in legacy.entries] == [second.mod_rev]
    paged = await things.cacher.list(resource_version=str(third.mod_rev), match="Exact", limit=1)
    assert (paged.revision, paged.remaining, bool(paged.continue_token)) == (third.mod_rev, 1, True)
    newer = await things.cacher.list(resource_version=str(first.mod_rev))
    assert [entry.mod_rev for entry in newer.entries] == [second.mod_rev, third.mod_rev]


async def test_the_past_before_the_cache_began(near_things: Things) -> None:
    """What the cache's own history no longer holds is read from the store."""
    store = near_things.store
    first = await store.put(near_things.key("a"), near_things.value("a", 1), expect=0)
    await store.put(near_things.key("a"), near_things.value("a", 2), expect=first.mod_rev)
    await store.put(near_things.key("b"), near_things.value("b", 2, odd="1"), expect=0)
    past = await near_things.cacher.list(resource_version=str(first.mod_rev), match="Exact")
    assert [entry.decode()["n"] for entry in past.entries] == [1]
    assert (await near_things.cacher.list(ODD, resource_version=str(first.mod_rev), match="Exact")).entries == []


async def test_expired_pages(near_things: Things) -> None:
    """A page whose revision is compacted fails with a token that goes on inconsistently."""
    for name in ("a", "b", "c"):
        last = await near_things.create(name)
    page1 = await near_things.cacher.list(limit=1)
    newest = await near_things.update(last, 1)
    await near_things.store.compact(newest.mod_rev)
    near_things.cacher.history.restart(newest.mod_rev)
    with pytest.raises(ExpiredContinue) as caught:
        await near_things.cacher.list(limit=1, continue_token=page1.continue_token)
    page2 = await near_things.cacher.list(limit=1, continue_token=caught.value.inconsistent_token)
    assert names(page2.entries) == ["default/b"]
    assert page2.revision == newest.mod_rev
    with pytest.raises(Compacted):
        await near_things.cacher.list(resource_version=str(page1.revision), match="Exact")


async def test_bad_token(near_things: Things) -> None:
    """A token that is none is refused."""
    with pytest.raises(InvalidContinue):
        await near_things.cacher.list(continue_token="garbage")


async def test_values_are_shared_with_the_store(near_things: Things) -> None:
    """The cache holds the very bytes object of the store."""
    value = near_things.value("a", 1)
    entry = await near_things.cacher.create(near_things.key("a"), value, attributes=({"given": "1"}, {}))
    kv, _ = await near_things.store.get(near_things.key("a"))
    assert kv is not None
    assert kv.value is value is entry.value
    cached = await near_things.cacher.get(near_things.key("a"))
    assert cached is entry
    assert cached.labels == {"given": "1"}


async def test_time_to_live(near_things: Things) -> None:
    """Objects with a time to live vanish by themselves; those of one length share a lease."""
    await near_things.cacher.create(near_things.key("a"), near_things.value("a"), ttl=1)
    await near_things.cacher.create(near_things.key("b"), near_things.value("b"), ttl=100)
    await near_things.cacher.create(near_things.key("c"), near_things.value("c"), ttl=100)
    leases = [(await near_things.store.get(near_things.key(name)))[0].lease for name in "abc"]  # type: ignore[union-attr]
    assert leases[0] != leases[1] == leases[2] != 0
    await until(lambda: near_things.key("a") not in near_things.cacher.entries())


async def test_unreadable_values_stop_the_cache(near_things: Things) -> None:
    """A value that cannot be read makes reads fail instead of hiding the object; once gone, the cache recovers."""
    await near_things.create("a")
    await near_things.store.put(PREFIX + "default/bad", b"junk", expect=0)
    with pytest.raises(CorruptValue):
        await near_things.cacher.list()
    await near_things.store.delete(PREFIX + "default/bad", expect=None)
    assert names((await near_things.cacher.list()).entries) == ["default/a"]


async def test_a_stopped_store_stops_reads(near_things: Things) -> None:
    """After the store failed nothing is served from memory."""
    await near_things.create("a")
    await near_things.store.close()
    with pytest.raises(StorageError):
        await near_things.cacher.get(near_things.key("a"))
    with pytest.raises(StorageError):
        await near_things.cacher.list(resource_version="0")
