"""DELETE of one object (upstream: handlers/delete.go, DeleteResource)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.admission.interface import DELETE
from kubern.endpoints.asgi import read_body
from kubern.endpoints.options import delete_options_from_body, delete_options_from_query
from kubern.endpoints.responses import success_status, write_object
from kubern.endpoints.verbs.common import admission_attributes, answer_object
from kubern.registry.rest import DeleteOptions

if TYPE_CHECKING:
    from kubern.admission.interface import Attributes
    from kubern.endpoints.asgi import Receive, Send
    from kubern.endpoints.scope import RequestScope
    from kubern.registry.written import Validate
    from kubern.request import RequestContext

Object = dict[str, Any]


async def read_delete_options(scope: RequestScope, ctx: RequestContext, receive: Receive) -> DeleteOptions:
    """The options in the body, else in the query. Raises StatusError 400, 415, 422."""
    body = await read_body(receive, ctx.headers)
    if not body:
        return delete_options_from_query(ctx)
    from kubern.apimachinery.codec.options import decode_delete_options

    media_type = scope.body_type(ctx)
    obj = decode_delete_options(body, media_type)
    if ctx.audit is not None:
        ctx.audit.set_request_object({"kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1", **obj})
    return delete_options_from_body(obj)


def delete_options_object(options: DeleteOptions) -> Object:
    """The DeleteOptions as admission sees them."""
    out: Object = {"kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1"}
    if options.grace_period_seconds is not None:
        out["gracePeriodSeconds"] = options.grace_period_seconds
    if options.propagation_policy is not None:
        out["propagationPolicy"] = options.propagation_policy
    if options.orphan_dependents is not None:
        out["orphanDependents"] = options.orphan_dependents
    if options.preconditions is not None:
        wanted = {"uid": options.preconditions.uid, "resourceVersion": options.preconditions.resource_version}
        out["preconditions"] = {k: v for k, v in wanted.items() if v is not None}
    if options.dry_run:
        out["dryRun"] = ["All"]
    return out


def admit_delete(scope: RequestScope, attributes: Attributes) -> Validate | None:
    """What the storage calls with the object that it is about to delete, None when no plugin cares.

    Both halves of admission come then, not before (upstream: rest.AdmissionToValidateObjectDeleteFunc).
    """
    admission = scope.admission
    mutates, validates = admission.mutates(DELETE), admission.validates(DELETE)
    if not mutates and not validates:
        return None

    async def admit(obj: Object, _: Object | None) -> None:
        attributes.old_object = obj
        if mutates:
            await admission.admit(attributes)
        if validates:
            await admission.validate(attributes)

    return admit


async def delete(scope: RequestScope, ctx: RequestContext, receive: Receive, send: Send) -> None:
    """Delete, or begin to; answers with a Status, or with the object while it still exists."""
    media = scope.choose(ctx)
    options = await read_delete_options(scope, ctx, receive)
    wire_options = delete_options_object(options)
    attributes = admission_attributes(scope, ctx, DELETE, None, None, wire_options, options.dry_run)
    deleted = await scope.storage.delete(ctx, ctx.info.name, options, validate=admit_delete(scope, attributes))
    status = 200
    if not deleted.immediately and options.orphan_dependents is False:
        status = 202
    if deleted.immediately and not scope.definition.return_deleted_object:
        await write_object(ctx, send, status, success_status(_details(scope, deleted.obj)), media.plain())
        return
    await answer_object(scope, ctx, send, scope.from_hub(deleted.obj), media, status)


def _details(scope: RequestScope, obj: Object) -> Object:
    meta = obj["metadata"]
    details: Object = {"name": meta["name"]}
    if scope.definition.group:
        details["group"] = scope.definition.group
    details["kind"] = scope.definition.resource
    details["uid"] = meta.get("uid", "")
    return details
