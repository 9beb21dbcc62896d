"""The store interface: a revisioned key-value store, the part of etcd v3 that Kubernetes uses.

Every write gets the next revision of one store-wide counter. Keys are text ordered by code point (which is
the order of their UTF-8 bytes); a range is `start <= key < end`, see `keys.py::prefix_end`. Values are
opaque. A value handed out is shared, never copied: stores, watch cache and responses hold the same `bytes`.

Next: `errors.py`, then `memory.py`, the simplest implementation, or `cacher/cacher.py`, the chief user.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

MAX_REQUEST_BYTES = 1536 << 10
"""Key and value of a write together may not be larger: etcd's default, kept by every store."""


class KV(NamedTuple):
    """One key at one revision."""

    key: str
    value: bytes
    mod_rev: int
    """Revision of the write that produced this value: what compare-and-swap compares."""
    create_rev: int
    version: int = 1
    """1 for a create, plus one for each update since."""
    lease: int = 0


class Event(NamedTuple):
    """One change. `kv` is None for a delete; `prev` is None for a create (or when it is compacted away)."""

    rev: int
    key: str
    kv: KV | None
    prev: KV | None


class Page(NamedTuple):
    """A range's answer: keys in order, the revision they were read at, and what the limit left out."""

    kvs: list[KV]
    rev: int
    more: bool
    total: int
    """All keys in the range at that revision, whatever the limit."""


EventBatch = tuple[Sequence[Event], int]
"""Events in revision order and the revision up to which the receiver is now complete."""


class Watcher(Protocol):
    """A stream of event batches in revision order, gapless after the revision it was opened with.

    An empty batch is progress: nothing happened in the range up to that revision. Ends with Compacted (on
    the first step when started too early, later when the reader is too slow) or Unavailable.
    """

    def __aiter__(self) -> AsyncIterator[EventBatch]: ...

    async def request_progress(self) -> None:
        """Ask for a progress batch soon; a hint, nothing is raised when the store cannot do it."""

    async def aclose(self) -> None: ...


class Store(Protocol):
    """What a backend implements; `kubern.testing.storage_contract` is the suite that proves one."""

    async def get(self, key: str, *, rev: int = 0, serializable: bool = False) -> tuple[KV | None, int]:
        """The key's value and the store's revision; `rev` reads the past.

        Raises Compacted, FutureRevision.
        """

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
        """Keys in [start, end) in order. `serializable` allows a stale answer, `limit` 0 means all."""

    async def count(self, start: str, end: str) -> int: ...

    async def put(self, key: str, value: bytes, *, expect: int | None, lease: int = 0) -> KV:
        """Write and return what was written, once it is durable.

        `expect` 0 creates, N replaces the value whose mod_rev is N, None writes whatever is there. Raises
        Conflict, ValueTooLarge, LeaseNotFound, Uncertain, Unavailable.
        """

    async def delete(self, key: str, *, expect: int | None) -> tuple[KV | None, int]:
        """Delete; the previous value and the revision of the deletion.

        With `expect` None a missing key is no error: (None, current revision). Raises as `put`.
        """

    async def watch(self, start: str, end: str, *, after: int, prev: bool = True) -> Watcher:
        """Events of [start, end) with a revision greater than `after`."""

    async def compact(self, rev: int) -> None:
        """Forget history before `rev`: reads and watches of older revisions then raise Compacted.

        Current values stay. Compacting what is already compacted is no error; the future raises
        FutureRevision.
        """

    async def current_revision(self) -> int: ...

    async def lease_grant(self, ttl: int) -> int:
        """A new lease of `ttl` seconds; keys put with it are deleted when it ends."""

    async def lease_keepalive(self, lease: int) -> int:
        """Start the lease's time again; its TTL in seconds, 0 when it is gone."""

    async def lease_revoke(self, lease: int) -> None: ...

    async def healthy(self) -> None:
        """Returns when the store can serve a write, raises Unavailable when it cannot."""

    async def size(self) -> int:
        """Bytes that the database takes where it is kept. Raises Unavailable."""

    async def close(self) -> None: ...


EventSink = Callable[[Sequence[Event], int], None]
"""Receives the durable events of a range and the store's revision; must not raise or block."""


@runtime_checkable
class LocalStore(Store, Protocol):
    """A store whose whole state is in this process: the watch cache reads and follows it without awaiting.

    Sinks are called synchronously when a commit is durable, before the writers it contains are woken, so
    that an acknowledged write is already visible in every watch cache.
    """

    @property
    def revision(self) -> int:
        """The newest durable revision."""

    def subscribe(
        self, start: str, end: str, sink: EventSink, failed: Callable[[BaseException], None]
    ) -> tuple[list[KV], int, Callable[[], None]]:
        """Current keys of [start, end), their revision, and a function that ends the subscription.

        `failed` is called once if the store stops.
        """
