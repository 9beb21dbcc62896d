"""POST: create an object, or call a resource that only exists as a question (upstream: handlers/create.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.admission.interface import CREATE
from kubern.apimachinery.errors import bad_request
from kubern.endpoints.asgi import read_body
from kubern.endpoints.negotiation import JSON
from kubern.endpoints.options import manager_or_user_agent, write_options
from kubern.endpoints.verbs.common import (
    admission_attributes,
    answer_object,
    answer_written,
    dedup_owner_references,
    options_object,
    warn_of_invalid_entries,
)
from kubern.registry.before import check_namespace, wipe_system_fields
from kubern.util import gojson

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Send
    from kubern.endpoints.scope import RequestScope
    from kubern.request import RequestContext

Object = dict[str, Any]


async def create(scope: RequestScope, ctx: RequestContext, receive: Receive, send: Send) -> None:
    """Decode, default, own the fields, mutate, then store; answers 201."""
    media = scope.choose(ctx)
    scope.body_type(ctx)
    body = await read_body(receive, ctx.headers)
    dry_run, manager, validation = write_options(ctx, "CreateOptions")
    obj = scope.decode(ctx, body, validation)
    named = scope.subresource is not None
    if not named:
        check_namespace(ctx, scope.definition, obj)
        wipe_system_fields(obj)
    dedup_owner_references(ctx, obj, False)
    if scope.owns_fields:
        sent = _body_with_empty_lists(scope, ctx, body)
        new, owner = obj, manager_or_user_agent(manager, ctx)
        obj = await scope.settled(lambda: scope.field_manager.update_no_errors(None, new, owner, sent))
    obj = scope.to_hub(obj)
    options = options_object("CreateOptions", ctx, manager, dry_run, validation)
    name = ctx.info.name or obj["metadata"].get("name", "")
    attributes = admission_attributes(scope, ctx, CREATE, obj, None, options, dry_run, name)
    if scope.admission.mutates(CREATE):
        entries = obj.get("metadata", {}).get("managedFields")
        await scope.admission.admit(attributes)
        obj = attributes.object or obj
        warn_of_invalid_entries(ctx, obj, entries)
    dedup_owner_references(ctx, obj, True)

    async def validate(new: Object, _: Object | None) -> None:
        attributes.object = new
        attributes.name = attributes.name or new["metadata"].get("name", "")
        await scope.admission.validate(attributes)

    check = validate if scope.admission.validates(CREATE) else None
    if named:
        await _create_named(scope, ctx, send, obj, check, dry_run, media)
        return
    result = await scope.storage.create(ctx, obj, validate=check, dry_run=dry_run)
    if isinstance(result, dict):
        await answer_object(scope, ctx, send, result, media, 201)
    else:
        await answer_written(scope, ctx, send, result, media, 201)


def _body_with_empty_lists(scope: RequestScope, ctx: RequestContext, body: bytes) -> Object | None:
    """The body as it was sent, if decoding may have hidden that a list was sent empty: its creator owns it."""
    if b"[]" not in body or scope.body_type(ctx) != JSON:
        return None
    sent = gojson.decode(body)
    return sent if isinstance(sent, dict) else None


async def _create_named(
    scope: RequestScope, ctx: RequestContext, send: Send, obj: Object, check: Any, dry_run: bool, media: Any
) -> None:
    """POST to a subresource (binding, eviction, token): the storage knows the parent by the URL's name."""
    meta = obj["metadata"]
    namespace = meta.get("namespace", "")
    if namespace and ctx.info.namespace and namespace != ctx.info.namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    result = await scope.storage.create(ctx, ctx.info.name, obj, validate=check, dry_run=dry_run)
    if not isinstance(result, dict):
        await answer_written(scope, ctx, send, result, media, 201)
        return
    status = 200 if result.get("kind") == "Status" and result.get("code") == 200 else 201
    if result.get("kind") == "Status":
        status = int(result.get("code", status))
    await answer_object(scope, ctx, send, result, media, status)
