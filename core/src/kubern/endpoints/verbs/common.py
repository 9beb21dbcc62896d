"""Steps that several verbs share: admission attributes, answers to writes, owner references."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.admission.interface import Attributes
from kubern.apimachinery.errors import bad_request
from kubern.apimachinery.managedfields.admission import restore_invalid_entries
from kubern.endpoints.conversion import convert_object
from kubern.endpoints.negotiation import JSON, MediaType
from kubern.endpoints.responses import wants_pretty, write_bytes, write_object

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Send
    from kubern.endpoints.scope import RequestScope
    from kubern.registry.written import Written
    from kubern.request import RequestContext

Object = dict[str, Any]


def admission_attributes(
    scope: RequestScope,
    ctx: RequestContext,
    operation: str,
    obj: Object | None,
    old: Object | None,
    options: Object,
    dry_run: bool,
    name: str = "",
) -> Attributes:
    """The admission question for a write through `scope`."""
    info = ctx.info
    return Attributes(
        ctx=ctx,
        operation=operation,
        group=info.api_group,
        version=info.api_version,
        kind=scope.kind,
        resource=info.resource,
        subresource=info.subresource,
        namespace=info.namespace,
        name=name or info.name,
        object=obj,
        old_object=old,
        options=options,
        dry_run=dry_run,
        user=ctx.effective_user,
        definition=scope.definition,
        scope=scope,
    )


def options_object(kind: str, ctx: RequestContext, manager: str, dry_run: bool, validation: str) -> Object:
    """The Create/Update/PatchOptions as admission sees them."""
    out: Object = {"kind": kind, "apiVersion": "meta.k8s.io/v1"}
    if dry_run:
        out["dryRun"] = ["All"]
    if manager:
        out["fieldManager"] = manager
    if ctx.query_first("fieldValidation"):
        out["fieldValidation"] = validation
    return out


def check_name(ctx: RequestContext, obj: Object) -> None:
    """The body's name is the URL's (upstream: checkName). Raises StatusError 400."""
    meta = obj["metadata"]
    name, url_name = meta.get("name", ""), ctx.info.name
    if not name:
        raise bad_request(f"the name of the object ({url_name} based on URL) was undeterminable: name must be provided")
    if name != url_name:
        raise bad_request(f"the name of the object ({name}) does not match the name on the URL ({url_name})")


def warn_of_invalid_entries(ctx: RequestContext, obj: Object, before: list[Object] | None) -> None:
    """managedFields that mutating admission made invalid become what they were, with a warning."""
    warning = restore_invalid_entries(obj, before)
    if warning:
        ctx.warnings.append(warning)


def dedup_owner_references(ctx: RequestContext, obj: Object, after_mutation: bool) -> None:
    """Equal owner references are kept once, with a warning (upstream: dedupOwnerReferencesAndAddWarning)."""
    references = obj["metadata"].get("ownerReferences")
    if not references or len(references) < 2:
        return
    kept: list[Object] = []
    duplicates: list[str] = []
    for reference in references:
        if reference in kept:
            duplicates.append(reference.get("uid", ""))
        else:
            kept.append(reference)
    if not duplicates:
        return
    obj["metadata"]["ownerReferences"] = kept
    where = " after mutating admission happens" if after_mutation else ""
    ctx.warnings.append(
        f".metadata.ownerReferences contains duplicate entries{where}; API server dedups owner references in 1.20+, "
        "and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: "
        f"{', '.join(duplicates)}"
    )


async def answer_written(
    scope: RequestScope, ctx: RequestContext, send: Send, written: Written, media: MediaType, status: int
) -> None:
    """Answer with a written object: its stored bytes where they fit, else converted."""
    if not media.convert and media.type == JSON and scope.version.version == scope.definition.hub_version:
        entry = written.entry
        if entry is not None and not (media.pretty or wants_pretty(ctx)):
            await write_bytes(ctx, send, status, b"application/json", scope.prefix + entry.body())
            return
    await answer_object(scope, ctx, send, scope.from_hub(written.obj), media, status)


async def answer_object(
    scope: RequestScope, ctx: RequestContext, send: Send, obj: Object, media: MediaType, status: int = 200
) -> None:
    """Answer with one object of this endpoint's version, converted to Table or partial metadata when asked."""
    if media.convert:
        obj, media = (
            (obj, media.plain()) if obj["kind"] == "Status" else (convert_object(scope, ctx, obj, media), media)
        )
    await write_object(ctx, send, status, obj, media)
