"""How one kind differs from the generic store: a `Strategy` per kind and per subresource.

Upstream: RESTCreateStrategy, RESTUpdateStrategy, RESTDeleteStrategy and the scheme's defaulting in one class.
Next: `store.py`, which calls these in the order upstream does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery.field import ErrorList, Path

if TYPE_CHECKING:
    from kubern.registry.rest import DeleteOptions
    from kubern.request import RequestContext

Object = dict[str, Any]
FieldPath = tuple[str, ...]
METADATA = Path("metadata")


class Strategy:
    """The defaults fit a kind without special rules; override what differs.

    Objects are dicts in the storage version, already decoded, normalised and defaulted. `prepare_*` and
    `canonicalize` change `obj` in place; `validate*` change nothing and return every problem at once; `old`
    is never changed.

    `validate` and `validate_update` include the metadata checks that upstream's validation of the kind makes
    itself (`apimachinery/validation/objectmeta.py`), in the same place; the store adds only what upstream's
    rest.BeforeCreate and rest.BeforeUpdate check for every kind. The defaults here check metadata alone.
    """

    allow_create_on_update: bool = False
    """PUT (or apply) on a name that does not exist creates it."""
    allow_unconditional_update: bool = True
    """PUT without a resourceVersion overwrites."""
    reset_fields: tuple[FieldPath, ...] = ()
    """Fields this endpoint ignores and server-side apply therefore never owns, e.g. (("status",),)."""
    default_garbage_collection_policy: str = "Background"
    """Propagation when a delete names none: Background, Orphan, or Unsupported for kinds without dependents."""
    graceful: bool = False
    """The kind implements `check_graceful_delete`."""

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        """Clear what clients may not set, set what the server sets (status, generation)."""

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        """Problems of a new object, in upstream's order."""
        from kubern.apimachinery.validation.objectmeta import validate_object_meta

        meta = obj["metadata"]
        return validate_object_meta(meta, bool(meta.get("namespace")), self.validate_name, METADATA)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return []

    def canonicalize(self, obj: Object) -> None:
        """Bring equal objects to one form, after validation."""

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        """Keep what this endpoint may not change; raise generation when the spec changed."""

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        """Problems of `obj` as the successor of `old`."""
        from kubern.apimachinery.validation.objectmeta import validate_object_meta_update

        return validate_object_meta_update(obj["metadata"], old["metadata"], METADATA)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return []

    def validate_name(self, name: str, prefix: bool) -> list[str]:
        """Problems of metadata.name (or generateName when `prefix`); DNS subdomain by default."""
        from kubern.apimachinery.names import name_is_dns_subdomain

        return name_is_dns_subdomain(name, prefix)

    def check_graceful_delete(self, ctx: RequestContext, obj: Object, options: DeleteOptions) -> bool:
        """Whether this kind is deleted gracefully; may default or change `options.grace_period_seconds`."""
        return False


def keep_status(obj: Object, old: Object) -> None:
    """An update of the main resource leaves the status as it was."""
    if "status" in old:
        obj["status"] = old["status"]
    else:
        obj.pop("status", None)


def bump_generation(obj: Object, old: Object, field: str = "spec") -> None:
    """metadata.generation grows by one when `field` changed, else it stays."""
    generation = old["metadata"].get("generation", 0)
    if obj.get(field) != old.get(field):
        generation += 1
    if generation:
        obj["metadata"]["generation"] = generation
