"""RequestScope: everything a verb needs to know about the endpoint it serves, made once at installation.

Upstream: handlers.RequestScope. One per (resource, version, subresource). Next: `verbs/`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from kubern.apimachinery.errors import GroupKind, GroupResource, StatusError, bad_request, unsupported_media_type
from kubern.endpoints.negotiation import ACCEPTED, JSON, KINDS, MediaType, Negotiator, body_media_type
from kubern.registry.scale import SCALE_COLUMNS, SCALE_KIND, scale_cells
from kubern.util.json_copy import json_copy

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubern.admission.chain import AdmissionChain
    from kubern.apimachinery.codec.interface import Codec
    from kubern.apimachinery.codec.scheme import Scheme
    from kubern.apimachinery.managedfields.manager import FieldManager
    from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
    from kubern.apimachinery.schema.model import Schema
    from kubern.endpoints.remote_conversion import RemoteConversions
    from kubern.metrics.requests import RequestMetrics
    from kubern.registry.strategy import Strategy
    from kubern.request import RequestContext

Object = dict[str, Any]
T = TypeVar("T")
_YAML_PROBLEMS = "yaml: unmarshal errors:\n"
PATCH_TYPES = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
)


class RequestScope:
    """One endpoint: a resource (or subresource) in one version. What stands first is set by whoever installs it."""

    min_request_timeout = 1800
    """A watch without timeoutSeconds lasts between this and twice this (--min-request-timeout)."""
    metrics: RequestMetrics | None = None
    """Where the events of watches are counted."""
    delete_collection_workers = 1
    """How many objects of a collection are deleted at once (--delete-collection-workers)."""
    patch_types: tuple[str, ...] = PATCH_TYPES
    find_scheme: Callable[[], Scheme] | None = None
    """Gives the kinds that the member knows; None means only the endpoint's own."""
    remote_conversions: RemoteConversions | None = None
    """Set where a webhook converts between the kind's versions."""

    def __init__(
        self,
        definition: ResourceDefinition,
        version: VersionDefinition,
        storage: Any,
        admission: AdmissionChain,
        subresource: Subresource | None = None,
        strategy: Strategy | None = None,
        kind: GroupKind | None = None,
        kind_version: str = "",
    ) -> None:
        self.definition = definition
        self.version = version
        self.storage = storage
        self.admission = admission
        self.subresource = subresource
        self.strategy = strategy or definition.strategy
        self.group_kind = kind or definition.group_kind
        self.kind = self.group_kind.kind
        kind_version = kind_version or version.version
        self.kind_version = kind_version
        self.api_version = f"{self.group_kind.group}/{kind_version}" if self.group_kind.group else kind_version
        self.prefix = b'{"kind":"%b","apiVersion":"%b",' % (self.kind.encode(), self.api_version.encode())
        self.list_kind = definition.list_kind or definition.kind + "List"
        self.is_hub = version.version == definition.hub_version or version.from_hub is None
        # Custom resources have no protobuf form, as upstream.
        # Of reviews, tokens and their like there are no tables either.
        own_storage = definition.factory is not None and "list" not in definition.verbs
        own_storage = own_storage or (subresource is not None and subresource.factory is not None)
        kinds = KINDS[1:] if own_storage else KINDS
        self.negotiator = Negotiator(kinds, protobuf=not definition.typed_items)
        self.subresource_name = subresource.name if subresource else ""
        self.columns = version.columns
        self.cells = version.cells
        """Table columns and cells of the endpoint's kind."""
        if kind == SCALE_KIND:
            self.columns, self.cells = SCALE_COLUMNS, scale_cells
        self._codec: Codec | None = None
        self._field_manager: FieldManager | None = None
        self.also_accepts: tuple[str, ...] = getattr(storage, "also_accepts", ())
        """Other versions of the body's kind that do as well (upstream: rest.GroupVersionAcceptor)."""
        self.produces: tuple[str, ...] = (*getattr(storage, "produces_mime_types", ()), *ACCEPTED)
        """What the router says that the endpoint can write (upstream: rest.StorageMetadata)."""
        self.stored = definition.factory is None and (
            subresource is None or subresource.strategy is not None or subresource.scale is not None
        )
        """The body is the stored object itself (or a view of it), so its fields are owned."""
        self.checks_name = self.stored
        self.owns_fields = self.stored or definition.factory is not None or self.subresource_name == "token"
        """The answer to a create says who owns which fields: what is kept, and questions that come back answered."""

    @property
    def group_resource(self) -> GroupResource:
        return self.definition.group_resource

    @property
    def namespaced(self) -> bool:
        return self.definition.namespaced

    @property
    def codec(self) -> Codec:
        """The codec of this endpoint's kind, compiled on first use."""
        if self._codec is None:
            self._codec = self._make_codec()
        return self._codec

    def _make_codec(self) -> Codec:
        from kubern.apimachinery.codec.typed import TypedCodec

        if self.stored_kind and self.version.codec is not None:
            return self.version.codec()
        scheme = self.find_scheme() if self.find_scheme is not None else None
        group, kind = self.group_kind
        return TypedCodec(self.kind_schema(), group, self.kind_version, kind, scheme)

    @property
    def stored_kind(self) -> bool:
        """The endpoint's kind is the resource's own, not one that only a subresource speaks (Scale, Eviction)."""
        return self.group_kind == self.definition.group_kind

    def kind_schema(self) -> Schema | None:
        """The schema of the endpoint's kind, None when it is not known."""
        if self.stored_kind:
            return self.version.schema() if self.version.schema is not None else None
        scheme = self.find_scheme() if self.find_scheme is not None else None
        return _other_schema(scheme, self.group_kind.group, self.kind_version, self.kind)

    @property
    def field_manager(self) -> FieldManager:
        """Keeps metadata.managedFields for writes through this endpoint."""
        if self._field_manager is None:
            from kubern.endpoints.field_managers import make_field_manager

            self._field_manager = make_field_manager(self)
        return self._field_manager

    async def settled(self, step: Callable[[], T]) -> T:
        """The outcome of a step that may need versions which a webhook converts to. Raises StatusError."""
        return step() if self.remote_conversions is None else await self.remote_conversions.settle(step)

    # ---------------------------------------------------------------- decoding

    def body_type(self, ctx: RequestContext) -> str:
        """The media type of the request's body. Raises StatusError 415."""
        content_type = ctx.headers.get("content-type", "")
        if not content_type:
            return JSON
        media_type = body_media_type(content_type)
        accepted = ACCEPTED if self.negotiator.protobuf else ACCEPTED[:-1]
        if media_type not in accepted:
            raise unsupported_media_type(list(accepted))
        return media_type

    def decode(self, ctx: RequestContext, body: bytes, validation: str) -> Object:
        """The body as an object of this endpoint's version, defaulted. Raises StatusError 400, 415."""
        strict = validation != "Ignore"
        obj, strict_errors = self.codec.decode(body, self.body_type(ctx), strict)
        self.report_strict_errors(ctx, strict_errors, validation, obj)
        if obj.get("apiVersion") != self.api_version and obj.get("apiVersion") not in self.also_accepts:
            raise bad_request(
                f"the API version in the data ({obj.get('apiVersion')}) does not match the expected API version "
                f"({self.api_version})"
            )
        obj.setdefault("metadata", {})
        self.default(obj)
        if ctx.audit is not None:
            ctx.audit.set_request_object(obj)
        return obj

    def default(self, obj: Object) -> None:
        """Set the defaults of this endpoint's kind in place."""
        default = self.subresource.default if self.subresource and not self.stored_kind else self.version.default
        if default is not None:
            default(obj)

    def report_strict_errors(self, ctx: RequestContext, strict_errors: list[str], validation: str, obj: Object) -> None:
        """Unknown and duplicate fields of `obj` become a 400 (Strict) or warnings (Warn)."""
        if not strict_errors:
            return
        if validation == "Strict":
            texts = ", ".join(strict_errors)
            kind, version = obj["kind"], obj["apiVersion"].rpartition("/")[2]
            raise bad_request(
                f'{kind} in version "{version}" cannot be handled as a {self.kind}: strict decoding error: {texts}'
            )
        if validation == "Warn":
            warn_of_strict_errors(ctx, strict_errors)

    # ---------------------------------------------------------------- versions

    def to_hub(self, obj: Object) -> Object:
        """An object of this version, converted in place to the storage version."""
        if not self.is_hub and self.version.to_hub is not None:
            self.version.to_hub(obj)
        if self.definition.group_kind == self.group_kind:
            obj["apiVersion"] = self.definition.api_version()
        return obj

    def from_hub(self, obj: Object) -> Object:
        """An object of the storage version, converted in place to this version."""
        if not self.is_hub and self.version.from_hub is not None:
            self.version.from_hub(obj)
        obj["apiVersion"] = self.api_version
        obj["kind"] = self.kind
        return obj

    def copy_from_hub(self, obj: Object) -> Object:
        """`from_hub` on a copy."""
        return self.from_hub(json_copy(obj))

    def empty_object(self) -> Object:
        """What an object is compared with that does not exist yet."""
        return {"apiVersion": self.api_version, "kind": self.kind, "metadata": {}}

    def zero_object(self) -> Object:
        """What an empty object of the kind has beside its metadata (the object of a bookmark)."""
        empty = self.empty_object()
        self.codec.normalise(empty, False)
        return {k: v for k, v in empty.items() if k not in ("apiVersion", "kind", "metadata")}

    def choose(self, ctx: RequestContext) -> MediaType:
        """The representation of the answer. Raises StatusError 406."""
        return self.negotiator.choose(ctx.headers.get("accept", ""))


def warn_of_strict_errors(ctx: RequestContext, strict_errors: list[str]) -> None:
    """A warning for each strict error; YAML's duplicate keys, one error together, are warned of one by one."""
    for error in strict_errors:
        head, found, problems = error.partition(_YAML_PROBLEMS)
        listed = found and head in ("", "error converting YAML to JSON: ")
        ctx.warnings.extend(map(str.strip, problems.split("\n")) if listed else [error])


def _other_schema(scheme: Scheme | None, group: str, version: str, kind: str) -> Schema | None:
    """The schema of a subresource's own kind: the member's, or one that every server has (Scale)."""
    from kubern.apimachinery.codec.meta import GroupVersionKind
    from kubern.apimachinery.schema.files import meta_definitions

    found = scheme.schema(GroupVersionKind(group, version, kind)) if scheme is not None else None
    name = f"io.k8s.api.{group.split('.')[0] or 'core'}.{version}.{kind}"
    nodes = meta_definitions()
    return found or (nodes.get(name) if name in nodes else None)


def check_patch_route(content_type: str) -> None:
    """The router's own check of patches (upstream: go-restful): it takes lists of types and spaces around them.

    Raises StatusError 415. Custom resources have no such router.
    """
    if not any(part.split(";", 1)[0].strip(" ") in PATCH_TYPES for part in content_type.split(",")):
        raise StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
