"""What happens to every kind that keeps pods of a template running, whatever its own rules are.

Upstream: the strategies of pkg/registry/apps, which say it once per kind. Next: `apps/deployment.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from kubern.apimachinery.validation.equality import semantic_equal
from kubern.registry.strategy import FieldPath, Strategy, keep_status
from kubern_kubeapi.groups.core.pod.drop_disabled import drop_disabled_template_fields
from kubern_kubeapi.groups.workloads import name_warnings, template_of, template_warnings, warnings_on_changed_template

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]


class WorkloadStrategy(Strategy):
    """Status and generation are the server's, templates lose what feature gates switch off, names and templates warn."""

    reset_fields: tuple[FieldPath, ...] = (("status",),)
    new_status: ClassVar[Mapping[str, int]] = {"replicas": 0}

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["status"] = dict(self.new_status)
        obj["metadata"]["generation"] = 1
        drop_disabled_template_fields(template_of(obj), None)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return name_warnings(obj) + template_warnings(obj)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)
        drop_disabled_template_fields(template_of(obj), template_of(old))
        if self.begins_generation(obj, old):
            obj["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1

    def begins_generation(self, obj: Object, old: Object) -> bool:
        """Whether an update is one that controllers must act upon."""
        return not semantic_equal(obj["spec"], old["spec"])

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return warnings_on_changed_template(obj, old)


class WorkloadStatusStrategy(WorkloadStrategy):
    """The status subresource: the spec stays, and nothing is warned of. Goes before the kind's own strategy."""

    reset_fields: tuple[FieldPath, ...] = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old["spec"]

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return []
