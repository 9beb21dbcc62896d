"""What verbs hand to a store, decoded, and what subresources with an answer of their own implement (upstream: registry/rest).

`endpoints/installer.py` asks a storage for `Connecter` and `Streamer` to know how its path is served. Objects are
plain dicts in the storage (hub) version; whoever returns one hands over ownership. Next: `store.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from kubern.request import RequestContext

Object = dict[str, Any]


@dataclasses.dataclass(slots=True)
class Preconditions:
    """What a delete or update insists on; None means anything."""

    uid: str | None = None
    resource_version: str | None = None


@dataclasses.dataclass(slots=True)
class DeleteOptions:
    """metav1.DeleteOptions, decoded."""

    grace_period_seconds: int | None = None
    preconditions: Preconditions | None = None
    orphan_dependents: bool | None = None
    propagation_policy: str | None = None
    dry_run: bool = False
    ignore_store_read_error: bool = False


@dataclasses.dataclass(slots=True)
class ListOptions:
    """metav1.ListOptions, decoded; selectors are compiled predicates' sources.

    `field_labels` translates the field selector's names from the request's version, see `VersionDefinition`.
    """

    label_selector: str = ""
    field_selector: str = ""
    resource_version: str = ""
    resource_version_match: str = ""
    limit: int = 0
    continue_token: str = ""
    watch: bool = False
    allow_watch_bookmarks: bool = False
    send_initial_events: bool | None = None
    timeout_seconds: int | None = None
    field_labels: Mapping[str, str] | None = None


@runtime_checkable
class Connecter(Protocol):
    """Subresources that take the whole request over (exec, proxy).

    `connect_methods`, if there, are the HTTP methods; without it all are, on the paths below as well.
    """

    def connect_options(self, ctx: RequestContext) -> Object:
        """The query parameters as an object, which admission sees. Raises StatusError 400."""
        ...

    async def connect(self, ctx: RequestContext, name: str, scope: Any, receive: Any, send: Any) -> None: ...


@runtime_checkable
class Streamer(Protocol):
    """Subresources whose GET answers with a stream instead of an object (log)."""

    async def stream(self, ctx: RequestContext, name: str, receive: Any, send: Any) -> None: ...
