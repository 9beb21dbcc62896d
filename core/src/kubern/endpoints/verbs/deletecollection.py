"""DELETE of a collection: every object that the selectors choose (upstream: handlers/delete.go, DeleteCollection)."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
from typing import TYPE_CHECKING

from kubern.admission.interface import DELETE
from kubern.apimachinery.errors import StatusError
from kubern.endpoints.options import list_options
from kubern.endpoints.verbs.common import admission_attributes
from kubern.endpoints.verbs.delete import admit_delete, delete_options_object, read_delete_options
from kubern.endpoints.verbs.list import answer_objects

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubern.admission.interface import Attributes
    from kubern.endpoints.asgi import Receive, Send
    from kubern.endpoints.scope import RequestScope
    from kubern.registry.rest import DeleteOptions
    from kubern.request import RequestContext
    from kubern.storage.cacher import Entry


async def deletecollection(scope: RequestScope, ctx: RequestContext, receive: Receive, send: Send) -> None:
    """Delete each object as `delete` would; answers with the list of them as they were."""
    media = scope.choose(ctx)
    selection = list_options(ctx, scope.version.field_labels)
    options = await read_delete_options(scope, ctx, receive)
    attributes = admission_attributes(scope, ctx, DELETE, None, None, delete_options_object(options), options.dry_run)
    page = await scope.storage.list(ctx, selection)
    deletion = _Deletion(scope, ctx, options, attributes)
    await deletion.run(page.entries, scope.delete_collection_workers)
    await answer_objects(scope, ctx, send, page, media)


class _Deletion:
    """One request's deletions; any number of workers share the entries."""

    def __init__(
        self, scope: RequestScope, ctx: RequestContext, options: DeleteOptions, attributes: Attributes
    ) -> None:
        self._scope = scope
        self._ctx = ctx
        self._options = options
        self._attributes = attributes

    async def run(self, entries: Sequence[Entry], workers: int) -> None:
        """Delete all of them. Raises the first worker's StatusError."""
        left = iter(entries)
        if workers == 1:
            await self.work(left)
            return
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(workers, len(entries))):
                    group.create_task(self.work(left))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def work(self, entries: Iterator[Entry]) -> None:
        """Delete until none is left; objects that are gone already are no problem."""
        for entry in entries:
            check = admit_delete(self._scope, copy.copy(self._attributes))
            options = dataclasses.replace(self._options)
            try:
                await self._scope.storage.delete(self._ctx, entry.name, options, validate=check)
            except StatusError as error:
                if error.code != 404:
                    raise
