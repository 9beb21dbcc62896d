"""The etcd store against a real etcd server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from kubern.storage.cacher import Cacher, ValueCodec
from kubern.storage.errors import Conflict, StorageError, Unavailable
from kubern.storage.etcd3.compactor import Compactor
from kubern.storage.etcd3.store import EtcdStore, _progress_is_reliable
from kubern.storage.interface import LocalStore, Store
from kubern.storage.keys import prefix_end
from kubern.testing.etcd_server import free_port, running_etcd
from kubern.testing.storage_contract import StoreContract
from kubern.testing.watch_contract import collect

pytestmark = pytest.mark.etcd

VALUE = b'{"kind":"Thing","apiVersion":"v1","metadata":{"name":"a"}}'


@pytest.fixture(scope="module")
def etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    client = free_port()
    with running_etcd(tmp_path_factory.mktemp("etcd"), client, free_port()):
        yield f"http://127.0.0.1:{client}"


@pytest.fixture
async def store(etcd: str) -> AsyncIterator[EtcdStore]:
    store = await EtcdStore.open([etcd], compaction_interval=0)
    yield store
    await store.close()


class TestEtcd(StoreContract):
    @pytest.fixture
    async def store(self, etcd: str) -> AsyncIterator[Store]:
        store = await EtcdStore.open([etcd], compaction_interval=0)
        assert not isinstance(store, LocalStore)
        yield store
        await store.close()


async def test_watch_cache_on_etcd(store: EtcdStore) -> None:
    """The watch cache gives consistent reads and complete watches on etcd."""
    codec = ValueCodec("/registry/things/", namespaced=False)
    cacher = Cacher(store, codec)
    a = await cacher.create(codec.key("", "a"), VALUE)
    got = await cacher.get(codec.key("", "a"))
    assert got is not None
    assert got.mod_rev == a.mod_rev
    listed = await cacher.list()
    assert ([entry.mod_rev for entry in listed.entries], listed.revision >= a.mod_rev) == ([a.mod_rev], True)
    await cacher.wait_for(a.mod_rev)
    watch = await cacher.watch(resource_version=str(a.mod_rev))
    b = await cacher.create(codec.key("", "b"), VALUE)
    async with asyncio.timeout(5):
        [event] = await anext(watch)
    assert (event.type, event.rev) == ("ADDED", b.mod_rev)
    await cacher.close()


async def test_large_ranges_and_events(store: EtcdStore) -> None:
    """Answers beyond gRPC's usual 4 MiB arrive whole, in ranges and in fragmented watch responses."""
    prefix = "/large/"
    after = await store.current_revision()
    for n in range(10):
        await store.put(f"{prefix}{n}", b"%d" % n * 1_000_000, expect=0)
    page = await store.range(prefix, prefix_end(prefix))
    assert sum(len(kv.value) for kv in page.kvs) == 10_000_000
    watcher = await store.watch(prefix, prefix_end(prefix), after=after)
    events = await collect(watcher, 10)
    await watcher.aclose()
    assert [event.kv for event in events] == page.kvs


async def test_watch_survives_a_restart_of_etcd(tmp_path: Path) -> None:
    """While etcd restarts, reads wait for it, and a watch goes on without losing or repeating an event."""
    client, peer = free_port(), free_port()
    with running_etcd(tmp_path, client, peer):
        store = await EtcdStore.open([f"http://127.0.0.1:{client}"], compaction_interval=0)
        watcher = await store.watch("/x/", "/x0", after=await store.current_revision())
        seen = asyncio.ensure_future(collect(watcher, 40, timeout=30))
        for n in range(20):
            await store.put(f"/x/{n}", b"1", expect=0)
    with running_etcd(tmp_path, client, peer):
        revs: list[int] = []
        while len(revs) < 20:
            try:
                revs.append((await store.put(f"/x/{len(revs)}", b"2", expect=None)).mod_rev)
            except StorageError:
                await asyncio.sleep(0.1)
        events = await seen
        assert [event.rev for event in events] == sorted({event.rev for event in events})
        assert [event.key for event in events[:20]] == [f"/x/{n}" for n in range(20)]
        await watcher.aclose()
        await store.close()


async def test_another_endpoint_takes_over(etcd: str) -> None:
    """Endpoints that do not answer are passed over."""
    dead = f"http://127.0.0.1:{free_port()}"
    store = await EtcdStore.open([dead, etcd], compaction_interval=0)
    kv = await store.put("/failover", b"1", expect=None)
    assert (await store.get("/failover"))[0] == kv
    await store.close()


async def test_no_endpoint() -> None:
    """Without any answering endpoint opening fails."""
    with pytest.raises(Unavailable):
        await EtcdStore.open([f"http://127.0.0.1:{free_port()}"])


async def test_lost_answers_are_read_back(store: EtcdStore) -> None:
    """A write whose answer was lost counts as done when its value is found under a new revision."""
    kv = await store.put("/lost", b"mine", expect=None)
    assert await store._read_back("/lost", b"mine", kv.mod_rev - 1) == kv
    for value, expect in ((b"other", kv.mod_rev - 1), (b"mine", kv.mod_rev)):
        with pytest.raises(StorageError, match="unknown"):
            await store._read_back("/lost", value, expect)


async def test_servers_take_turns_compacting(store: EtcdStore) -> None:
    """Of two API servers one compacts per turn, always to the state of the turn before."""
    ours, theirs = Compactor(store, 1000), Compactor(store, 1000)
    await ours.compact_once()
    before = await store.current_revision()
    await store.put("/x", b"1", expect=None)
    await theirs.compact_once()
    assert await store.get("/x", rev=before) != (None, 0)
    await ours.compact_once()
    with pytest.raises(StorageError):
        await store.range("/", "0", rev=before - 1)
    await theirs.compact_once()
    await ours.close()
    await theirs.close()
    with pytest.raises(Conflict):
        await store.put("compact_rev_key", b"", expect=1)


@pytest.mark.parametrize(
    ("version", "reliable"),
    [
        ("3.4.23", False),
        ("3.4.31", True),
        ("3.5.12", False),
        ("3.5.13", True),
        ("3.6.0", True),
        ("3.5.13-rc.0", True),
        ("odd", False),
    ],
)
def test_which_progress_is_reliable(version: str, reliable: bool) -> None:
    """Progress notifications count from the releases that fixed their order."""
    assert _progress_is_reliable(version) is reliable
