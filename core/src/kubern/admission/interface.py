"""The admission contract (upstream: admission.MutationInterface and ValidationInterface)."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from kubern.admission.reinvocation import ReinvocationContext
from kubern.apimachinery.resource import ResourceDefinition
from kubern.request import RequestContext, User

if TYPE_CHECKING:
    from kubern.endpoints.scope import RequestScope

Object = dict[str, Any]
CREATE, UPDATE, DELETE, CONNECT = "CREATE", "UPDATE", "DELETE", "CONNECT"


@dataclasses.dataclass(slots=True)
class Attributes:
    """A write about to happen (upstream: admission.Attributes).

    `object` may be changed in place or replaced by mutating plugins; it is None for deletes. `old_object` is the
    stored state, never changed; None for creates. Both are in the storage version of the resource; `group`,
    `version`, `kind`, `resource`, `subresource` are those of the request. `options` is the decoded Create/Update/
    Patch/DeleteOptions object. `definition` is the resource's declaration (conversion to other versions: its
    VersionDefinitions), None for what is not a stored resource.
    """

    ctx: RequestContext
    operation: str
    group: str
    version: str
    kind: str
    resource: str
    subresource: str
    namespace: str
    name: str
    object: Object | None
    old_object: Object | None
    options: Object
    dry_run: bool
    user: User
    definition: ResourceDefinition | None = None
    scope: RequestScope | None = None
    """The endpoint that the request came through, None for writes that no request asked for."""
    reinvocation: ReinvocationContext = dataclasses.field(default_factory=ReinvocationContext)

    @property
    def warnings(self) -> list[str]:
        """Texts for Warning headers; see `add_warning`."""
        return self.ctx.warnings

    def add_warning(self, text: str) -> None:
        """Warn the client, once per text."""
        if text not in self.ctx.warnings:
            self.ctx.warnings.append(text)

    def add_annotation(self, key: str, value: str) -> None:
        """Note something in the audit event; the first value of a key stays."""
        self.ctx.audit_annotations.setdefault(key, value)

    def add_request_annotation(self, key: str, value: str) -> None:
        """`add_annotation` for what is part of the request: only events that have the request may have it."""
        if self.ctx.audit is not None and self.ctx.audit.keeps_request:
            self.add_annotation(key, value)


class AdmissionPlugin(Protocol):
    """A plugin says which operations it handles and implements `admit` (may change), `validate`, or both.

    It may name the `resources` that concern it, a set of (group, resource); it is then not asked about others.
    Without that attribute, or with None, it is asked about all.
    """

    def handles(self, operation: str) -> bool: ...


class Handler:
    """A base for plugins that always handle the same operations and resources (upstream: admission.Handler)."""

    operations: ClassVar[tuple[str, ...]] = (CREATE, UPDATE)
    resources: ClassVar[frozenset[tuple[str, str]] | None] = None

    def handles(self, operation: str) -> bool:
        return operation in self.operations


@runtime_checkable
class MutationPlugin(AdmissionPlugin, Protocol):
    async def admit(self, attributes: Attributes) -> None:
        """Change `attributes.object`, or raise StatusError to refuse."""
        ...


@runtime_checkable
class ValidationPlugin(AdmissionPlugin, Protocol):
    async def validate(self, attributes: Attributes) -> None:
        """Raise StatusError to refuse; change nothing."""
        ...
