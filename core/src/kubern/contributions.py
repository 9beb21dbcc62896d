"""What plugins' hooks return: frozen declarations with a name, an order and a factory.

Next: `hookspecs.py` says when each is asked for; `plugins.py` collects and checks them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.resource import APIGroupInfo as APIGroupInfo
from kubern.apimachinery.resource import ResourceDefinition as ResourceDefinition

if TYPE_CHECKING:
    from fastapi import APIRouter

    from kubern.admission.interface import AdmissionPlugin
    from kubern.authentication.interface import Authenticator, TokenAuthenticator
    from kubern.authorization.interface import Authorizer
    from kubern.config import CompletedConfig
    from kubern.options.options import CompletedOptions, Options
    from kubern.server import GenericAPIServer
    from kubern.storage.interface import Store


@dataclasses.dataclass(frozen=True, slots=True)
class FlagSection:
    """A section of flags: a dataclass whose fields are the flags (see `options/section.py`).

    `slot` orders the sections in help. The instance made from the command line is found as
    `options.section(name)`.
    """

    name: str
    slot: int
    options: type[Any]


@dataclasses.dataclass(frozen=True, slots=True)
class CompletionStep:
    """Fills defaults that depend on other flags or the machine, after core's own steps, lowest slot first."""

    name: str
    slot: int
    complete: Callable[[Options], None]


@dataclasses.dataclass(frozen=True, slots=True)
class ServerSpec:
    """A member of the delegation chain. Lower slots are outer: they see a request first.

    `build_config` gets the completed generic config and returns the member's own config; `new_server` gets that
    config and the delegate (the next higher slot, None for the innermost) and returns the server.
    """

    name: str
    slot: int
    build_config: Callable[[CompletedConfig], Any]
    new_server: Callable[[Any, GenericAPIServer | None], GenericAPIServer]


@dataclasses.dataclass(frozen=True, slots=True)
class StorageBackend:
    """A storage engine, chosen by --storage-backend NAME; `open` starts it."""

    name: str
    open: Callable[[CompletedOptions], Awaitable[Store]]


@dataclasses.dataclass(frozen=True, slots=True)
class AuthenticatorSpec:
    """An authenticator, asked in slot order; `build` returns None when the flags leave it off.

    It may build an authenticator of requests, or one of bearer tokens: these are asked about the token of a
    request wherever it stands, and by TokenReview.
    """

    name: str
    slot: int
    build: Callable[[CompletedConfig], Authenticator | TokenAuthenticator | None]


@dataclasses.dataclass(frozen=True, slots=True)
class AuthorizerSpec:
    """An authorization mode that --authorization-mode can name; the flag's order is the order of asking."""

    mode: str
    build: Callable[[CompletedConfig], Authorizer]


@dataclasses.dataclass(frozen=True, slots=True)
class AdmissionPluginSpec:
    """An admission plugin, run in slot order when enabled by default or by --enable-admission-plugins."""

    name: str
    slot: int
    build: Callable[[CompletedConfig], AdmissionPlugin]
    default_enabled: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class APIServiceSource:
    """Group-versions that the aggregator registers as local APIServices.

    `subscribe` is given a callable that the source calls with (group, version, priorities or None when the
    group-version is gone); it is called for everything that exists and then for each change.
    """

    name: str
    sync: bool = dataclasses.field(default=False, kw_only=True)
    """Kept in step while the server runs; else what is announced at the start is registered once."""
    subscribe: Callable[[GenericAPIServer, Callable[[str, str, tuple[int, int] | None], None]], None]


@dataclasses.dataclass(frozen=True, slots=True)
class PostStartHook:
    """Started once the server listens; readiness waits for it (check `poststarthook/NAME`).

    `run` is awaited with the outermost server; work that goes on for ever is handed to
    `server.tasks.spawn(name, coroutine)`.
    """

    name: str
    run: Callable[[GenericAPIServer], Awaitable[None]]
    checks: Mapping[str, Callable[[], Awaitable[None]]] = dataclasses.field(default_factory=dict)
    """Further health checks about its work, listed behind its own; they raise when it is not well."""


@dataclasses.dataclass(frozen=True, slots=True)
class PreShutdownHook:
    """Awaited during shutdown, after requests drained and before storage closes."""

    name: str
    run: Callable[[GenericAPIServer], Awaitable[None]]
    while_serving: bool = dataclasses.field(default=False, kw_only=True)
    """Awaited as soon as the shutdown begins, while everything is still served."""


@dataclasses.dataclass(frozen=True, slots=True)
class HTTPRouter:
    """Non-resource paths under `prefix`, served by a FastAPI router behind all filters."""

    name: str
    prefix: str
    router: Callable[[GenericAPIServer], APIRouter]
