"""The PodTemplate kind: a pod template on its own. Next: `pod/validation/spec.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.resource import NAME_COLUMN, Column, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.core.pod.defaults import default_pod_template
from kubern_kubeapi.groups.core.pod.drop_disabled import drop_disabled_template_fields
from kubern_kubeapi.groups.core.pod.options import template_options_for_update
from kubern_kubeapi.groups.core.pod.validation.spec import validate_pod_template_spec
from kubern_kubeapi.groups.core.pod.warnings.spec import warnings_for_pod_template
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update
from kubern_kubeapi.groups.workloads import container_cells, labels_of

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
_TEMPLATE = Path("template")


def default_template(obj: Object) -> None:
    default_pod_template(obj.setdefault("template", {}))


class PodTemplateStrategy(Strategy):
    """Rules of PodTemplate objects; generation counts changes of the template."""

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["metadata"]["generation"] = 1
        drop_disabled_template_fields(obj["template"], None)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
        return errors + validate_pod_template_spec(obj["template"], _TEMPLATE, template_options_for_update(None))

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return warnings_for_pod_template(obj["template"], _TEMPLATE)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        drop_disabled_template_fields(obj["template"], old.get("template"))
        if not semantic_equal(obj["template"], old.get("template")):
            obj["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        options = template_options_for_update(old.get("template"))
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        return errors + validate_pod_template_spec(obj["template"], _TEMPLATE, options)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        if obj["metadata"].get("generation") == old["metadata"].get("generation"):
            return []
        return warnings_for_pod_template(obj["template"], _TEMPLATE)


_COLUMNS = (
    NAME_COLUMN,
    Column("Containers", description="Names of each container in the template."),
    Column("Images", description="Images referenced by each container in the template."),
    Column("Pod Labels", description="The labels for the pod template."),
)


def _cells(obj: Mapping[str, Any]) -> list[Any]:
    template = obj.get("template") or {}
    labels = labels_of(template)
    shown = ",".join(f"{key}={labels[key]}" for key in sorted(labels)) or "<none>"
    return [obj["metadata"].get("name", ""), *container_cells(template), shown]


RESOURCE = ResourceDefinition(
    group="",
    resource="podtemplates",
    kind="PodTemplate",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("", "v1", "PodTemplate"),
            default=default_template,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=PodTemplateStrategy(),
    return_deleted_object=True,
    singular="podtemplate",
)
