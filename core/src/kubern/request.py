"""What a request is to every layer it crosses: RequestInfo, User and the typed per-request context.

Upstream: apiserver/pkg/endpoints/request. Made by `filters/request_info.py` and
`filters/authentication.py`, read by all layers below.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, MutableMapping
from typing import Any

from kubern.apimachinery.errors import GroupResource

SYSTEM_PRIVILEGED_GROUP = "system:masters"
ALL_AUTHENTICATED = "system:authenticated"
ALL_UNAUTHENTICATED = "system:unauthenticated"
ANONYMOUS = "system:anonymous"
APISERVER_USER = "system:apiserver"


@dataclasses.dataclass(frozen=True, slots=True)
class User:
    """An authenticated identity (upstream: user.Info)."""

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)


LOOPBACK_USER = User(APISERVER_USER, groups=(SYSTEM_PRIVILEGED_GROUP, ALL_AUTHENTICATED))
NOBODY = User("")
"""Whose a request is until it is authenticated; nobody may do anything."""


@dataclasses.dataclass(slots=True)
class RequestInfo:
    """The parts of a request's path and method (upstream: request.RequestInfo)."""

    path: str
    verb: str
    is_resource_request: bool = False
    api_prefix: str = ""
    api_group: str = ""
    api_version: str = ""
    namespace: str = ""
    resource: str = ""
    subresource: str = ""
    name: str = ""
    parts: tuple[str, ...] = ()
    special: str = ""
    """`watch` or `proxy` for the deprecated paths that name the verb before the resource."""

    @property
    def group_resource(self) -> GroupResource:
        return GroupResource(self.api_group, self.resource)


class RequestContext:
    """Everything known about the request in hand; one per request, never shared.

    `response_headers` are added to whatever answer is sent; `response_status` is 0 until one has begun.
    `query` holds the decoded query parameters, each with all its values in order. `warnings` collects texts
    for Warning headers. `audit_annotations` end in the audit event. `deadline` is a `time.monotonic()` value.
    """

    __slots__ = (
        "audit",
        "audit_annotations",
        "audit_id",
        "authentication_audience",
        "client_certificate",
        "deadline",
        "headers",
        "impersonated",
        "impersonation_constraint",
        "info",
        "query",
        "received",
        "remote_address",
        "response_headers",
        "response_started",
        "response_status",
        "scope",
        "user",
        "warnings",
    )

    def __init__(
        self,
        info: RequestInfo,
        *,
        user: User = NOBODY,
        query: Mapping[str, list[str]] | None = None,
        headers: dict[str, str] | None = None,
        scope: MutableMapping[str, Any] | None = None,
        remote_address: str = "127.0.0.1",
    ) -> None:
        self.info = info
        self.user = user
        self.impersonated: User | None = None
        self.impersonation_constraint = ""
        self.query = query or {}
        self.headers: dict[str, str] = headers or {}
        self.scope: MutableMapping[str, Any] = scope if scope is not None else {}
        self.remote_address = remote_address
        self.client_certificate: bytes | None = None
        self.authentication_audience: tuple[str, ...] = ()
        self.audit: Any = None
        self.audit_id = ""
        self.audit_annotations: dict[str, str] = {}
        self.warnings: list[str] = []
        self.received = time.monotonic()
        self.deadline: float | None = None
        self.response_headers: list[tuple[bytes, bytes]] = []
        self.response_status = 0
        self.response_started = False

    def query_first(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        values = self.query.get(name)
        return values[0] if values else default

    @property
    def namespace(self) -> str:
        return self.info.namespace

    @property
    def effective_user(self) -> User:
        """Whom the request acts as: the impersonated user if any."""
        return self.impersonated or self.user
