"""Graceful deletion, finalizers and garbage collection policies as pure steps on an object.

Upstream: rest.BeforeDelete and the finalizer functions of generic/registry/store.go. `store.py` strings them
together.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import GroupResource, conflict
from kubern.registry.before import now_text, parse_time

if TYPE_CHECKING:
    from kubern.apimachinery.resource import ResourceDefinition
    from kubern.registry.rest import DeleteOptions
    from kubern.registry.strategy import Strategy
    from kubern.request import RequestContext

Object = dict[str, Any]
FINALIZER_ORPHAN = "orphan"
FINALIZER_FOREGROUND = "foregroundDeletion"


def check_preconditions(definition: ResourceDefinition, obj: Object, options: DeleteOptions) -> None:
    """Raises StatusError 409 when the object is not the one the caller meant."""
    wanted = options.preconditions
    if wanted is None:
        return
    meta = obj["metadata"]
    named = GroupResource(definition.group, definition.kind)
    if wanted.uid is not None and wanted.uid != meta.get("uid", ""):
        raise conflict(
            named,
            meta["name"],
            f"the UID in the precondition ({wanted.uid}) does not match the UID in record ({meta.get('uid', '')}). "
            "The object might have been deleted and then recreated",
        )
    version = meta.get("resourceVersion", "")
    if wanted.resource_version is not None and wanted.resource_version != version:
        raise conflict(
            named,
            meta["name"],
            f"the ResourceVersion in the precondition ({wanted.resource_version}) does not match the ResourceVersion "
            f"in record ({version}). The object might have been modified",
        )


def before_delete(
    ctx: RequestContext, definition: ResourceDefinition, strategy: Strategy, obj: Object, options: DeleteOptions
) -> tuple[bool, bool]:
    """(graceful, already pending) of deleting `obj`, whose metadata is marked in place when graceful.

    Raises StatusError 409 for failed preconditions.
    """
    check_preconditions(definition, obj, options)
    if options.grace_period_seconds is not None and options.grace_period_seconds < 0:
        options.grace_period_seconds = 1
    meta = obj["metadata"]
    if "deletionTimestamp" in meta:
        return _before_repeated_delete(strategy, ctx, obj, options)
    if not strategy.check_graceful_delete(ctx, obj, options):
        return False, False
    seconds = options.grace_period_seconds or 0
    meta["deletionTimestamp"] = now_text((datetime.now(UTC) + timedelta(seconds=seconds)).timestamp())
    meta["deletionGracePeriodSeconds"] = seconds
    if meta.get("generation", 0) > 0:
        meta["generation"] += 1
    return True, False


def _before_repeated_delete(
    strategy: Strategy, ctx: RequestContext, obj: Object, options: DeleteOptions
) -> tuple[bool, bool]:
    meta = obj["metadata"]
    current = meta.get("deletionGracePeriodSeconds")
    # Without a period left there is nothing to wait for: what the first delete began is finished now.
    if not strategy.graceful or not current:
        return False, False
    if options.grace_period_seconds is None:
        options.grace_period_seconds = current
        return False, True
    period = options.grace_period_seconds
    if period >= current:
        return False, True
    begun = parse_time(meta["deletionTimestamp"]) - timedelta(seconds=current)
    meta["deletionTimestamp"] = now_text((begun + timedelta(seconds=period)).timestamp())
    meta["deletionGracePeriodSeconds"] = period
    return True, False


def mark_as_deleting(obj: Object) -> None:
    """Deletion has begun and only finalizers hold the object."""
    meta = obj["metadata"]
    now = now_text()
    if "deletionTimestamp" not in meta and meta.get("generation", 0) > 0:
        meta["generation"] += 1
    if "deletionTimestamp" not in meta or meta["deletionTimestamp"] > now:
        meta["deletionTimestamp"] = now
    meta["deletionGracePeriodSeconds"] = 0


def _should_orphan(policy: str, finalizers: list[str], options: DeleteOptions) -> bool:
    if policy == "Unsupported":
        return False
    if options.orphan_dependents is not None:
        return options.orphan_dependents
    if options.propagation_policy is not None:
        return options.propagation_policy == "Orphan"
    for finalizer in finalizers:
        if finalizer == FINALIZER_ORPHAN:
            return True
        if finalizer == FINALIZER_FOREGROUND:
            return False
    return policy == "Orphan"


def _should_delete_dependents(policy: str, finalizers: list[str], options: DeleteOptions) -> bool:
    if policy == "Unsupported" or options.orphan_dependents is not None:
        return False
    if options.propagation_policy is not None:
        return options.propagation_policy == "Foreground"
    for finalizer in finalizers:
        if finalizer == FINALIZER_FOREGROUND:
            return True
        if finalizer == FINALIZER_ORPHAN:
            return False
    return False


def garbage_collection_finalizers(strategy: Strategy, obj: Object, options: DeleteOptions) -> list[str] | None:
    """The object's finalizers as the propagation policy wants them, None when they already are."""
    old = obj["metadata"].get("finalizers", [])
    policy = strategy.default_garbage_collection_policy
    new = [f for f in old if f not in (FINALIZER_ORPHAN, FINALIZER_FOREGROUND)]
    if _should_orphan(policy, old, options):
        new.append(FINALIZER_ORPHAN)
    if _should_delete_dependents(policy, old, options):
        new.append(FINALIZER_FOREGROUND)
    return None if set(new) == set(old) else new


def set_finalizers(obj: Object, finalizers: list[str]) -> None:
    if finalizers:
        obj["metadata"]["finalizers"] = finalizers
    else:
        obj["metadata"].pop("finalizers", None)


def deletes_during_update(obj: Object) -> bool:
    """The update took the last finalizer of an object that is being deleted (upstream: ShouldDeleteDuringUpdate)."""
    meta = obj["metadata"]
    return (
        not meta.get("finalizers")
        and "deletionTimestamp" in meta
        and meta.get("deletionGracePeriodSeconds") in (None, 0)
    )
