"""What a resource can do: small Protocols that storages implement and verbs ask for (upstream: registry/rest).

Which of these a storage has decides its verbs in discovery. Objects are plain dicts in the storage (hub)
version; whoever returns one hands over ownership. Encoded answers stay bytes (`EncodedObject`) so that the
read path never decodes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
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


class EncodedObject(Protocol):
    """One stored object as bytes: what follows `{"kind":...,"apiVersion":...,` on the wire, and its identity."""

    @property
    def key(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def mod_rev(self) -> int: ...
    @property
    def labels(self) -> Mapping[str, str]: ...
    def body(self) -> bytes:
        """`"metadata":{"resourceVersion":"N",...},...}`, without the opening brace, kind and apiVersion."""
        ...

    def decode(self) -> Object:
        """A fresh dict with apiVersion, kind and metadata.resourceVersion."""
        ...


Mutate = Callable[[Object], Awaitable[Object]]
ValidateNew = Callable[[Object], Awaitable[None]]
ValidateUpdate = Callable[[Object, Object], Awaitable[None]]


@runtime_checkable
class Storage(Protocol):
    """Anything installed under a resource path."""

    @property
    def namespaced(self) -> bool: ...


@runtime_checkable
class Getter(Protocol):
    async def get(self, ctx: RequestContext, name: str, resource_version: str = "") -> Any: ...


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


Events = AsyncIterator[Any]
