"""What stores and their callers pass each other: functions that make and check objects, outcomes of writes.

Next: `store.py`, which takes the ones and gives the others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from kubern.storage.cacher import Entry

Object = dict[str, Any]
UpdatedObject = Callable[[Object | None], Awaitable[Object]]
"""Makes the new object from the stored one (None when there is none); awaited again after a conflict."""
Validate = Callable[[Object, Object | None], Awaitable[None]]
"""Admission's last word: (new, old); for deletes (old, None)."""
Finish = Callable[[bool], Awaitable[None]]

MAX_CONFLICT_RETRIES = 100


class Written(NamedTuple):
    """The outcome of a write: the object in the storage version, and the entry that holds its stored bytes.

    `entry` is None when nothing was stored (dry run, or the object as it was before an immediate delete).
    """

    obj: Object
    entry: Entry | None
    created: bool = False


class Deleted(NamedTuple):
    """The outcome of a delete: the last state, and whether the object is gone."""

    obj: Object
    immediately: bool
