"""The declaration of a resource: everything the generic server needs to know about one kind.

Built-in kinds, custom resources and plugins' kinds all become a `ResourceDefinition`; one generic store, one
set of verbs and one table writer serve them. Upstream spreads the same facts over the scheme, the strategies,
the storage map of each group and printers/internalversion. Next: `registry/store.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from kubern.apimachinery.errors import GroupKind, GroupResource

if TYPE_CHECKING:
    from kubern.apimachinery.codec.interface import Codec
    from kubern.apimachinery.schema.model import Schema
    from kubern.registry.store import ResourceStore
    from kubern.registry.strategy import Strategy
    from kubern.request import RequestContext

Object = dict[str, Any]
ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """One column of a Table; `priority` 0 is shown always, 1 with -o wide."""

    name: str
    type: str = "string"
    format: str = ""
    description: str = ""
    priority: int = 0


NAME_COLUMN = Column(
    "Name",
    "string",
    "name",
    "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names",
)
_CREATED = "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"
AGE_COLUMN = Column("Age", "string", "", _CREATED)
DEFAULT_COLUMNS = (NAME_COLUMN, Column("Created At", "date", "", _CREATED))
"""What kinds without a printer of their own show (upstream: rest.NewDefaultTableConvertor)."""


@dataclasses.dataclass(frozen=True, slots=True)
class VersionDefinition:
    """One served version of a resource.

    `schema` gives the OpenAPI schema of the kind in this version (called once, lazily). `default` sets the
    version's defaults in place on a decoded object. `to_hub` and `from_hub` convert in place between this
    version and the storage version; None when only apiVersion differs. `field_labels` maps the names that field
    selectors use in this version to `selectable_fields`; None when they are the same. `cells` gives a Table row's cells for
    an object of this version, in the order of `columns`; None means name and time of
    creation.
    """

    version: str
    schema: Callable[[], Schema] | None = None
    default: Callable[[Object], None] | None = None
    to_hub: Callable[[Object], None] | None = None
    from_hub: Callable[[Object], None] | None = None
    field_labels: Mapping[str, str] | None = None
    columns: tuple[Column, ...] = DEFAULT_COLUMNS
    cells: Callable[[Object], list[Any]] | None = None
    row_conditions: Callable[[Object], list[Object]] | None = None
    """The conditions of a Table row, e.g. that a pod has ended."""
    row_order: Callable[[Object], Any] | None = None
    """The sort key of a Table's rows; None leaves them in the order of the list."""
    codec: Callable[[], Codec] | None = None
    """Decodes request bodies; None means the codec made from `schema`."""
    selectable_fields: tuple[str, ...] = ()
    """Custom resources: what OpenAPI says this version can be selected by."""
    fingerprint: str = ""
    """Custom resources: changes when the schema does, so that nobody has to read it to know."""
    served: bool = True
    deprecation_warning: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class ScaleSpec:
    """Where autoscaling/v1 Scale finds its numbers: dotted JSON paths without the leading dot.

    `selector` gives the label selector text of an object.
    """

    spec_replicas: str = "spec.replicas"
    status_replicas: str = "status.replicas"
    selector: Callable[[Object], str] | None = None
    storage: Callable[..., Any] | None = None
    """Makes the view's storage where `registry/scale.py::ScaleStorage` does not do: called as it is."""


@dataclasses.dataclass(frozen=True, slots=True)
class Subresource:
    """A path below an object.

    Exactly one of these says what it is: `strategy` (the same object under other update rules: status,
    finalize, approval, resize), `scale`, or `factory` (anything else: called with the resource's store and the
    server, returns a storage with the Protocols of `registry/rest.py`). `group`, `version`, `kind` name the
    body's kind in discovery when it is not the parent's.
    """

    name: str
    verbs: tuple[str, ...] = ("get", "patch", "update")
    strategy: Strategy | None = None
    scale: ScaleSpec | None = None
    factory: Callable[..., Any] | None = None
    kind: str = ""
    group: str = ""
    version: str = ""
    versions: tuple[str, ...] = ()
    """The parent's versions that have it; empty means all."""
    default: Callable[[Object], None] | None = None
    """Sets the defaults of `kind` in place."""


@dataclasses.dataclass(frozen=True, slots=True)
class StoreHooks:
    """Work around the store's writes that is more than a strategy: allocation, side objects.

    Upstream: genericregistry.Store's BeginCreate, BeginUpdate, AfterCreate, AfterUpdate, AfterDelete. The `begin_*` hooks run
    before the strategy's `prepare_for_*` and validation, once the name is there; they may change the object, may raise
    StatusError, and return a callable that is awaited with True when the write succeeded and False when it did not, be
    it for a failed validation (release what was allocated). `dry_run` says that nothing may be kept. Updates through a
    subresource run none of them, and `after_delete` is not called in a dry run.
    """

    begin_create: Callable[[RequestContext, Object, bool], Awaitable[Callable[[bool], Awaitable[None]]]] | None = None
    begin_update: (
        Callable[[RequestContext, Object, Object, bool], Awaitable[Callable[[bool], Awaitable[None]]]] | None
    ) = None
    after_create: Callable[[RequestContext, Object], Awaitable[None]] | None = None
    after_update: Callable[[RequestContext, Object, Object], Awaitable[None]] | None = None
    after_delete: Callable[[RequestContext, Object], Awaitable[None]] | None = None


class Cohabitant(NamedTuple):
    """A resource whose store another one shares."""

    group: str
    version: str
    resource: str


@dataclasses.dataclass(frozen=True, slots=True)
class ResourceDefinition:
    """A resource, all its versions and subresources.

    Objects are stored in `storage_version` (default: the first of `versions`). `fields` gives the values of the
    selectable fields beyond metadata.name and metadata.namespace, for an object in the storage version; their
    names are `selectable_fields`. `ttl` gives seconds to live of a new object, 0 for ever. `storage_prefix` is
    the part of the key after --etcd-prefix (default: the plural). `cohabits` names the resource of another group that
    holds the same objects, in its version's form (events of both groups): store, strategy and errors are its own. `factory` replaces the generic store (reviews,
    bindings): called with the server, returns a storage.
    """

    group: str
    resource: str
    kind: str
    versions: tuple[VersionDefinition, ...]
    strategy: Strategy
    namespaced: bool = True
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: tuple[Subresource, ...] = ()
    storage_version: str = ""
    storage_prefix: str = ""
    cohabits: Cohabitant | None = None
    list_kind: str = ""
    selectable_fields: tuple[str, ...] = ()
    fields: Callable[[Object], Mapping[str, str]] | None = None
    return_deleted_object: bool = False
    """A delete answers with the object instead of a Status."""
    typed_items: bool = False
    """Items of a list carry apiVersion and kind (custom resources)."""
    hooks: StoreHooks = StoreHooks()
    ttl: Callable[[Object], int] | None = None
    factory: Callable[..., Any] | None = None
    store: Callable[..., ResourceStore] | None = None
    """Makes the store where ResourceStore itself does not do: called as ResourceStore is."""

    @property
    def group_resource(self) -> GroupResource:
        return GroupResource(self.group, self.resource)

    @property
    def group_kind(self) -> GroupKind:
        return GroupKind(self.group, self.kind)

    @property
    def hub_version(self) -> str:
        """The version that objects are stored in, "" when that belongs to another group."""
        if self.cohabits is not None:
            return ""
        return self.storage_version or self.versions[0].version

    def version(self, name: str) -> VersionDefinition | None:
        """The definition of one version, None when there is none of that name."""
        return next((v for v in self.versions if v.version == name), None)

    def api_version(self, version: str = "") -> str:
        """The apiVersion text of a version (the storage version by default)."""
        group, version = self.group, version or self.hub_version
        if not version and self.cohabits is not None:
            group, version = self.cohabits.group, self.cohabits.version
        return f"{group}/{version}" if group else version


DEFAULT_VERSION_PRIORITY = 15


@dataclasses.dataclass(frozen=True, slots=True)
class APIGroupInfo:
    """A group of resources that one server installs.

    `versions` in order of preference. `slot` orders groups in discovery and OpenAPI (upstream's group priority
    minimum, higher first), `version_priorities` gives the APIService version priorities in the order of `versions`
    (15 where it says nothing).
    """

    group: str
    versions: tuple[str, ...]
    resources: tuple[ResourceDefinition, ...]
    group_priority_minimum: int = 1000
    version_priorities: tuple[int, ...] = ()
    description: str = ""

    def priorities(self) -> list[tuple[str, tuple[int, int]]]:
        """Each version with what its APIService has as groupPriorityMinimum and versionPriority."""
        missing = len(self.versions) - len(self.version_priorities)
        numbers = (*self.version_priorities, *([DEFAULT_VERSION_PRIORITY] * missing))
        return [(v, (self.group_priority_minimum, n)) for v, n in zip(self.versions, numbers, strict=False)]
