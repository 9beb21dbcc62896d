"""PUT: replace an object (upstream: handlers/update.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.admission.interface import CREATE, UPDATE
from kubern.endpoints.asgi import read_body
from kubern.endpoints.options import manager_or_user_agent, write_options
from kubern.endpoints.verbs.common import (
    admission_attributes,
    answer_written,
    check_name,
    dedup_owner_references,
    options_object,
    warn_of_invalid_entries,
)
from kubern.registry.before import check_namespace
from kubern.registry.rest import Preconditions
from kubern.util.json_copy import json_copy

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Send
    from kubern.endpoints.scope import RequestScope
    from kubern.request import RequestContext

Object = dict[str, Any]


class AdmitUpdate:
    """Admission around one update, whichever of create or update it turns out to be."""

    __slots__ = ("attributes", "ctx", "dry_run", "options", "scope")

    def __init__(self, scope: RequestScope, ctx: RequestContext, options: Object, dry_run: bool) -> None:
        self.scope = scope
        self.ctx = ctx
        self.options = options
        self.dry_run = dry_run
        self.attributes: Any = None

    async def mutate(self, obj: Object, old: Object | None) -> Object:
        """The object as mutating plugins leave it."""
        operation = UPDATE if old is not None else CREATE
        self.attributes = admission_attributes(self.scope, self.ctx, operation, obj, old, self.options, self.dry_run)
        if self.scope.admission.mutates(operation):
            entries = obj.get("metadata", {}).get("managedFields")
            await self.scope.admission.admit(self.attributes)
            obj = self.attributes.object or obj
            warn_of_invalid_entries(self.ctx, obj, entries)
        return obj

    async def validate(self, new: Object, old: Object | None) -> None:
        """Ask validating plugins about the object as it will be stored."""
        self.attributes.object = new
        self.attributes.old_object = old
        await self.scope.admission.validate(self.attributes)


async def update(scope: RequestScope, ctx: RequestContext, receive: Receive, send: Send) -> None:
    """Decode, own the fields, mutate and store against the current object; 201 when that created it."""
    media = scope.choose(ctx)
    body = await read_body(receive, ctx.headers)
    dry_run, manager, validation = write_options(ctx, "UpdateOptions")
    decoded = scope.decode(ctx, body, validation)
    if scope.stored:
        check_namespace(ctx, scope.definition, decoded)
    if scope.checks_name:
        check_name(ctx, decoded)
    dedup_owner_references(ctx, decoded, False)
    admit = AdmitUpdate(scope, ctx, options_object("UpdateOptions", ctx, manager, dry_run, validation), dry_run)
    manager = manager_or_user_agent(manager, ctx)

    async def updated(old: Object | None) -> Object:
        obj = json_copy(decoded)
        obj["metadata"].setdefault("name", ctx.info.name)
        if scope.stored:
            live = scope.copy_from_hub(old) if old is not None else scope.empty_object()
            new = obj
            obj = await scope.settled(lambda: scope.field_manager.update_no_errors(live, new, manager))
        obj = scope.to_hub(obj)
        obj = await admit.mutate(obj, old)
        dedup_owner_references(ctx, obj, True)
        return obj

    written = await scope.storage.update(
        ctx,
        ctx.info.name,
        updated,
        validate=admit.validate,
        validate_create=admit.validate,
        preconditions=Preconditions(uid=decoded["metadata"].get("uid") or None),
        dry_run=dry_run,
        strategy=scope.strategy,
    )
    await answer_written(scope, ctx, send, written, media, 201 if written.created else 200)
