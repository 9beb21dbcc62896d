"""What happens to every object before it is written (upstream: rest.BeforeCreate and rest.BeforeUpdate)."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import bad_request, invalid
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.objectmeta import (
    validate_object_meta_accessor,
    validate_object_meta_accessor_update,
)
from kubern.util.uid import new_uid

if TYPE_CHECKING:
    from kubern.apimachinery.resource import ResourceDefinition
    from kubern.registry.strategy import Strategy
    from kubern.request import RequestContext

Object = dict[str, Any]
_ALPHANUMERIC = "bcdfghjklmnpqrstvwxz2456789"
_SUFFIX_LENGTH = 5
MAX_GENERATED_NAME_LENGTH = 63
_METADATA = Path("metadata")


def now_text(at: float | None = None) -> str:
    """The time as metav1.Time prints it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def generate_name(base: str) -> str:
    """`base` and five random characters (upstream: names.SimpleNameGenerator)."""
    base = base[: MAX_GENERATED_NAME_LENGTH - _SUFFIX_LENGTH]
    return base + "".join(secrets.choice(_ALPHANUMERIC) for _ in range(_SUFFIX_LENGTH))


def check_namespace(ctx: RequestContext, definition: ResourceDefinition, obj: Object) -> None:
    """The object's namespace is the request's (upstream: EnsureObjectNamespaceMatchesRequestNamespace)."""
    meta = obj["metadata"]
    wanted = ctx.info.namespace if definition.namespaced else ""
    found = meta.get("namespace", "")
    if found == wanted:
        return
    if not wanted and not definition.namespaced and definition.resource == "namespaces":
        meta.pop("namespace", None)
        return
    if not found:
        if wanted:
            meta["namespace"] = wanted
        return
    if not definition.namespaced:
        meta.pop("namespace", None)
        return
    raise bad_request("the namespace of the provided object does not match the namespace sent on the request")


_SYSTEM_FIELDS = ("creationTimestamp", "uid", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink")


def wipe_system_fields(obj: Object) -> None:
    """What clients cannot say of a new object (upstream: WipeObjectMetaSystemFields)."""
    meta = obj["metadata"]
    for key in _SYSTEM_FIELDS:
        meta.pop(key, None)


def fill_system_fields(obj: Object) -> None:
    """The server's own metadata of a new object: time, uid, and a name after generateName."""
    meta = obj["metadata"]
    meta["creationTimestamp"] = now_text()
    meta["uid"] = new_uid()
    if meta.get("generateName") and not meta.get("name"):
        meta["name"] = generate_name(meta["generateName"])


def before_create(ctx: RequestContext, definition: ResourceDefinition, strategy: Strategy, obj: Object) -> None:
    """Prepare and validate a new object in place. Raises StatusError 400 or 422."""
    check_namespace(ctx, definition, obj)
    meta = obj["metadata"]
    meta.pop("deletionTimestamp", None)
    meta.pop("deletionGracePeriodSeconds", None)
    strategy.prepare_for_create(ctx, obj)
    meta.pop("selfLink", None)
    errors = strategy.validate(ctx, obj)
    if errors:
        raise invalid(definition.group_kind, meta.get("name", ""), errors)
    errors = validate_object_meta_accessor(meta, definition.namespaced, _METADATA)
    if errors:
        raise invalid(definition.group_kind, meta.get("name", ""), errors)
    ctx.warnings.extend(strategy.warnings_on_create(ctx, obj))
    strategy.canonicalize(obj)


def before_update(
    ctx: RequestContext, definition: ResourceDefinition, strategy: Strategy, obj: Object, old: Object
) -> None:
    """Prepare and validate the successor of `old` in place. Raises StatusError 400 or 422."""
    check_namespace(ctx, definition, obj)
    meta, old_meta = obj["metadata"], old["metadata"]
    _keep(meta, old_meta, "generation")
    strategy.prepare_for_update(ctx, obj, old)
    if not meta.get("uid"):
        _keep(meta, old_meta, "uid")
    _keep(meta, old_meta, "creationTimestamp")
    if "deletionTimestamp" in old_meta:
        meta["deletionTimestamp"] = old_meta["deletionTimestamp"]
    if "deletionGracePeriodSeconds" in old_meta and "deletionGracePeriodSeconds" not in meta:
        meta["deletionGracePeriodSeconds"] = old_meta["deletionGracePeriodSeconds"]
    meta.pop("selfLink", None)
    errors: ErrorList = validate_object_meta_accessor_update(meta, old_meta, definition.namespaced, _METADATA)
    errors += strategy.validate_update(ctx, obj, old)
    if errors:
        raise invalid(definition.group_kind, meta.get("name", ""), errors)
    ctx.warnings.extend(strategy.warnings_on_update(ctx, obj, old))
    strategy.canonicalize(obj)


def _keep(meta: Object, old_meta: Object, key: str) -> None:
    if key in old_meta:
        meta[key] = old_meta[key]
    else:
        meta.pop(key, None)
