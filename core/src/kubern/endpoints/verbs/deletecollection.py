"""DELETE of a collection: every object that the selectors choose (upstream: handlers/delete.go, DeleteCollection)."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from kubern.admission.interface import DELETE
from kubern.apimachinery.errors import StatusError
from kubern.endpoints.options import list_options
from kubern.endpoints.verbs.common import admission_attributes
from kubern.endpoints.verbs.delete import delete_options_object, read_delete_options
from kubern.endpoints.verbs.list import answer_objects

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Send
    from kubern.endpoints.scope import RequestScope
    from kubern.request import RequestContext

Object = dict[str, Any]


async def deletecollection(scope: RequestScope, ctx: RequestContext, receive: Receive, send: Send) -> None:
    """Delete each object as `delete` would; answers with the list of them as they were."""
    media = scope.choose(ctx)
    selection = list_options(ctx, scope.version.field_labels)
    options = await read_delete_options(scope, ctx, receive)
    attributes = admission_attributes(scope, ctx, DELETE, None, None, delete_options_object(options), options.dry_run)
    await scope.admission.admit(attributes)

    async def validate(obj: Object, _: Object | None) -> None:
        attributes.old_object = obj
        attributes.name = obj["metadata"]["name"]
        await scope.admission.validate(attributes)

    check = validate if scope.admission.validates(DELETE) else None
    page = await scope.storage.list(ctx, selection)
    for entry in page.entries:
        try:
            await scope.storage.delete(ctx, entry.name, dataclasses.replace(options), validate=check)
        except StatusError as error:
            if error.code != 404:
                raise
    await answer_objects(scope, ctx, send, page, media)
