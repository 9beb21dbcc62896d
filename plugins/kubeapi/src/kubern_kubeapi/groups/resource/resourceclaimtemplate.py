"""The ResourceClaimTemplate kind (resource.k8s.io), namespaced. Next: `requests.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import name_and_age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.objectmeta import FIELD_IMMUTABLE
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.core.claim_spec import validate_template_meta
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update
from kubern_kubeapi.groups.resource.internal_types import render_template_spec
from kubern_kubeapi.groups.resource.requests import set_claim_defaults, validate_claim_spec

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

_SPEC = Path("spec")


def _default(obj: Object) -> None:
    set_claim_defaults(obj.setdefault("spec", {}).setdefault("spec", {}))


class ResourceClaimTemplateStrategy(Strategy):
    """Rules of templates: the spec does not change."""

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        spec = obj.get("spec", {})
        errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
        errors += validate_template_meta(spec.get("metadata") or {}, _SPEC.child("metadata"))
        return errors + validate_claim_spec(spec.get("spec", {}), _SPEC.child("spec"))

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        spec = obj.get("spec", {})
        if not semantic_equal(spec, old.get("spec", {})):
            errors.append(field.invalid(_SPEC, render_template_spec(spec), FIELD_IMMUTABLE))
        return errors


RESOURCE = ResourceDefinition(
    group="resource.k8s.io",
    resource="resourceclaimtemplates",
    kind="ResourceClaimTemplate",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("resource.k8s.io", "v1", "ResourceClaimTemplate"),
            default=_default,
            columns=(NAME_COLUMN, AGE_COLUMN),
            cells=name_and_age,
        ),
    ),
    strategy=ResourceClaimTemplateStrategy(),
    return_deleted_object=True,
    singular="resourceclaimtemplate",
)
