"""The store of jobs warns whoever deletes one without saying what becomes of its pods.

Upstream: pkg/registry/batch/job/storage, JobStorage.Delete. Next: `job.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.registry.store import ResourceStore
from kubern.registry.written import Deleted

if TYPE_CHECKING:
    from kubern.registry.rest import DeleteOptions
    from kubern.registry.written import Validate
    from kubern.request import RequestContext

_WARNING = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set "
    "propagationPolicy=Orphan to suppress this warning"
)


class JobStore(ResourceStore):
    """Jobs orphan their pods when a delete says nothing of them."""

    async def delete(
        self, ctx: RequestContext, name: str, options: DeleteOptions, *, validate: Validate | None = None
    ) -> Deleted:
        if options.propagation_policy is None and options.orphan_dependents is None:
            ctx.warnings.append(_WARNING)
        return await super().delete(ctx, name, options, validate=validate)
