"""What storage raises; next: `registry/errors.py`, the one place that turns these into API statuses.

StorageError
├── Conflict                  a compare-and-swap lost; carries the current value
├── Compacted                 the asked-for revision is no longer kept
├── FutureRevision            the asked-for revision does not exist yet
├── Uncertain                 a write was sent and its outcome is unknown: read the key back
├── Unavailable               the store cannot serve; nothing was applied
│   ├── StoreFailed           this store stopped for good (failed commit, corrupt file)
│   └── StoreLocked           another process has the data directory open
├── NotReady                  the watch cache has not finished its first list
├── TooLargeResourceVersion   the watch cache did not reach the asked-for revision in time
├── TooOldResourceVersion     a watch asked to start before the oldest remembered event
├── InvalidContinue           a continue token that cannot be read
├── ExpiredContinue           a continue token whose snapshot is gone
└── CorruptValue              a stored value that cannot be read (decryption, decoding)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.util.goquote import go_quote

if TYPE_CHECKING:
    from kubern.storage.interface import KV


class StorageError(Exception):
    """Root of everything a store or the watch cache raises on purpose."""


class Conflict(StorageError):
    """The key was not at the expected revision. `current` is its value now (None: it does not exist)."""

    def __init__(self, key: str, current: KV | None, rev: int) -> None:
        super().__init__(f"{key!r} is at revision {current.mod_rev if current else 0}, which was not expected")
        self.key = key
        self.current = current
        self.rev = rev


class Compacted(StorageError):
    """Revisions up to and including `compact_rev` cannot be read or watched any more."""

    def __init__(self, compact_rev: int) -> None:
        super().__init__(f"revisions up to {compact_rev} have been compacted")
        self.compact_rev = compact_rev


class FutureRevision(StorageError):
    """A read asked for revision `rev` while the store is at `current`."""

    def __init__(self, rev: int, current: int) -> None:
        super().__init__(f"revision {rev} is in the future, the store is at {current}")
        self.rev = rev
        self.current = current


class Uncertain(StorageError):
    """A write may or may not have been applied; the caller must read the key back before going on."""


class ValueTooLarge(StorageError):
    """The write exceeds etcd's default request size, which every store keeps to; the text is etcd's."""

    def __init__(self) -> None:
        super().__init__("etcdserver: request is too large")


class LeaseNotFound(StorageError):
    """The lease was never granted, has run out or was revoked."""

    def __init__(self, lease: int) -> None:
        super().__init__(f"lease {lease} does not exist")
        self.lease = lease


class Unavailable(StorageError):
    """The store cannot be reached or refuses work; the call had no effect."""


class StoreFailed(Unavailable):
    """The store stopped for good because it can no longer guarantee durability; the process must restart."""


class StoreLocked(Unavailable):
    """Another process holds the data directory."""


class NotReady(StorageError):
    """The watch cache has not finished its first list."""


class InvalidResourceVersion(StorageError):
    """The text `value` is not a resource version. The message is upstream's field error."""

    def __init__(self, value: str, reason: str) -> None:
        super().__init__(f"resourceVersion: Invalid value: {go_quote(value)}: {reason}")
        self.value = value
        self.reason = reason


class TooLargeResourceVersion(StorageError):
    """The asked-for revision was not reached in time; retry after `retry_after` seconds."""

    def __init__(self, requested: int, current: int, retry_after: int = 1) -> None:
        super().__init__(f"Too large resource version: {requested}, current: {current}")
        self.requested = requested
        self.current = current
        self.retry_after = retry_after


class TooOldResourceVersion(StorageError):
    """A watch from `requested` would miss events: the oldest remembered one has revision `oldest`."""

    def __init__(self, requested: int, oldest: int) -> None:
        super().__init__(f"too old resource version: {requested} ({oldest})")
        self.requested = requested
        self.oldest = oldest


class InvalidContinue(StorageError):
    """A continue token that was not made by us or has been altered; the text is the reason."""


class ExpiredContinue(StorageError):
    """The revision of a continue token is compacted; `inconsistent_token` goes on from the newest state."""

    def __init__(self, inconsistent_token: str) -> None:
        super().__init__("the snapshot of this continue token has expired")
        self.inconsistent_token = inconsistent_token


class CorruptValue(StorageError):
    """The value of `key` cannot be read; the text is the reason."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key
