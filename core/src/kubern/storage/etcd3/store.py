"""The store on etcd v3; next: `channels.py` for failures, `watch.py` for watches.

Upstream: storage/etcd3/store.go. Single-key transactions that compare the key's mod revision.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from kubern.storage.errors import Compacted, Conflict, FutureRevision, LeaseNotFound, Unavailable, Uncertain
from kubern.storage.etcd3.channels import CALL_SECONDS, NO_TLS, RANGE_SECONDS, Channels, Tls
from kubern.storage.etcd3.compactor import Compactor
from kubern.storage.etcd3.messages import message_classes
from kubern.storage.etcd3.watch import EtcdWatcher
from kubern.storage.interface import KV, Page, Watcher

_MOD = 2
_HEALTH_KEY = b"/registry/health"


class EtcdStore:
    """A Store on an etcd cluster; made by `open`.

    `progress_is_reliable` says whether progress notifications may be trusted for consistent reads: before 3.4.31
    and 3.5.13 etcd could send them ahead of events they cover.
    """

    def __init__(self, channels: Channels) -> None:
        self._channels = channels
        self._types = message_classes()
        self._closed = False
        self._compactor: Compactor | None = None
        self.progress_is_reliable = False

    @classmethod
    async def open(
        cls, servers: Sequence[str], *, tls: Tls = NO_TLS, compaction_interval: float = 300.0, proxy: str = ""
    ) -> Self:
        """Connect to the cluster whose members' client URLs are `servers`. Raises Unavailable.

        History older than one to two `compaction_interval`s (seconds; 0: never) is compacted, in turns with
        the other API servers of the cluster.
        """
        store = cls(Channels(servers, tls, proxy))
        try:
            await store.healthy()
        except Unavailable:
            await store._channels.close()
            raise
        store.progress_is_reliable = all(
            _progress_is_reliable(status.version) for status in await store._channels.statuses()
        )
        if compaction_interval:
            store._compactor = Compactor(store, compaction_interval)
        return store

    # -- reads

    async def get(self, key: str, *, rev: int = 0, serializable: bool = False) -> tuple[KV | None, int]:
        request = self._types["RangeRequest"](key=key.encode(), revision=rev, serializable=serializable)
        answer = await self._read_range(request, rev)
        return (_kv(answer.kvs[0]) if answer.kvs else None), answer.header.revision

    async def range(
        self,
        start: str,
        end: str,
        *,
        limit: int = 0,
        rev: int = 0,
        keys_only: bool = False,
        serializable: bool = False,
    ) -> Page:
        request = self._types["RangeRequest"](
            key=start.encode(),
            range_end=end.encode(),
            limit=limit,
            revision=rev,
            keys_only=keys_only,
            serializable=serializable,
        )
        answer = await self._read_range(request, rev)
        return Page([_kv(kv) for kv in answer.kvs], rev or answer.header.revision, answer.more, answer.count)

    async def count(self, start: str, end: str) -> int:
        request = self._types["RangeRequest"](key=start.encode(), range_end=end.encode(), count_only=True)
        count: int = (await self._read_range(request, 0)).count
        return count

    async def current_revision(self) -> int:
        request = self._types["RangeRequest"](key=_HEALTH_KEY, count_only=True)
        rev: int = (await self._read_range(request, 0)).header.revision
        return rev

    async def _read_range(self, request: Any, rev: int) -> Any:
        try:
            return await self._channels.read("Range", request, RANGE_SECONDS if request.range_end else CALL_SECONDS)
        except FutureRevision:
            raise FutureRevision(rev, await self.current_revision()) from None
        except Compacted:
            raise Compacted(rev) from None

    # -- writes

    async def put(self, key: str, value: bytes, *, expect: int | None, lease: int = 0) -> KV:
        types, raw = self._types, key.encode()
        put = types["RequestOp"](request_put=types["PutRequest"](key=raw, value=value, lease=lease))
        # read back in the same transaction: create revision and version, without the value
        after = types["RequestOp"](request_range=types["RangeRequest"](key=raw, keys_only=True))
        try:
            answer = await self._transact(key, raw, expect, [put, after])
        except LeaseNotFound:
            raise LeaseNotFound(lease) from None
        except Uncertain:
            return await self._read_back(key, value, expect)
        kv = answer.responses[1].response_range.kvs[0]
        return KV(key, value, kv.mod_revision, kv.create_revision, kv.version, kv.lease)

    async def delete(self, key: str, *, expect: int | None) -> tuple[KV | None, int]:
        types, raw = self._types, key.encode()
        delete = types["RequestOp"](request_delete_range=types["DeleteRangeRequest"](key=raw, prev_kv=True))
        answer = await self._transact(key, raw, expect, [delete])
        previous = answer.responses[0].response_delete_range.prev_kvs
        return (_kv(previous[0]) if previous else None), answer.header.revision

    async def _transact(self, key: str, raw: bytes, expect: int | None, operations: list[Any]) -> Any:
        """Run operations if the key is at the expected revision. Raises Conflict with its value otherwise."""
        types = self._types
        request = types["TxnRequest"](success=operations)
        if expect is not None:
            request.compare.append(types["Compare"](target=_MOD, key=raw, mod_revision=expect))
            request.failure.append(types["RequestOp"](request_range=types["RangeRequest"](key=raw)))
        answer = await self._channels.write("Txn", request)
        if not answer.succeeded:
            current = answer.responses[0].response_range.kvs
            raise Conflict(key, _kv(current[0]) if current else None, answer.header.revision)
        return answer

    async def _read_back(self, key: str, value: bytes, expect: int | None) -> KV:
        """After a lost answer: the write if it can be seen to have happened. Raises Uncertain."""
        current, _ = await self.get(key)
        if current is not None and current.value == value and current.mod_rev != expect:
            return current
        raise Uncertain(f"the outcome of a write to {key!r} is unknown")

    # -- following

    async def watch(self, start: str, end: str, *, after: int, prev: bool = True) -> Watcher:
        self._check_open()
        return EtcdWatcher(self._channels, start, end, after, prev, self.progress_is_reliable)

    async def compact(self, rev: int) -> None:
        try:
            await self._channels.read("Compact", self._types["CompactionRequest"](revision=rev))
        except Compacted:
            return  # by us before, or by somebody else
        except FutureRevision:
            raise FutureRevision(rev, await self.current_revision()) from None

    # -- leases

    async def lease_grant(self, ttl: int) -> int:
        answer = await self._channels.write("LeaseGrant", self._types["LeaseGrantRequest"](ttl=ttl))
        lease: int = answer.id
        return lease

    async def lease_keepalive(self, lease: int) -> int:
        answer = await self._channels.exchange("LeaseKeepAlive", self._types["LeaseKeepAliveRequest"](id=lease))
        ttl: int = answer.ttl
        return ttl

    async def lease_revoke(self, lease: int) -> None:
        try:
            await self._channels.write("LeaseRevoke", self._types["LeaseRevokeRequest"](id=lease))
        except LeaseNotFound:
            raise LeaseNotFound(lease) from None

    # -- life

    async def healthy(self) -> None:
        await self.current_revision()

    async def size(self) -> int:
        statuses = await self._channels.statuses()
        if not statuses:
            raise Unavailable("no etcd server answers")
        return max(int(status.db_size) for status in statuses)

    async def close(self) -> None:
        self._closed = True
        if self._compactor is not None:
            await self._compactor.close()
        await self._channels.close()

    def _check_open(self) -> None:
        if self._closed:
            raise Unavailable("the store is closed")


def _kv(kv: Any) -> KV:
    return KV(kv.key.decode(), kv.value, kv.mod_revision, kv.create_revision, kv.version, kv.lease)


def _progress_is_reliable(version: str) -> bool:
    """Upstream: storage/feature's check of RequestWatchProgress."""
    try:
        major, minor, patch = (int(part) for part in version.partition("-")[0].split("."))
    except ValueError:
        return False
    if (major, minor) == (3, 4):
        return patch >= 31
    return (major, minor, patch) >= (3, 5, 13)
