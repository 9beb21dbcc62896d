"""The ClusterRole kind (rbac.authorization.k8s.io). Next: `controllers/clusterrole_aggregation.py`, which fills aggregated ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation.selector import validate_label_selector
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta_update
from kubern_kubeapi.groups.rbac.rules import validate_rules

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
_SELECTORS = Path("aggregationRule", "clusterRoleSelectors")


def _validate(obj: Object, old: Object | None) -> ErrorList:
    errors = validate_rules(obj, False)
    aggregation = obj.get("aggregationRule")
    if aggregation is None:
        return errors
    selectors = aggregation.get("clusterRoleSelectors") or []
    if not selectors:
        detail = "at least one clusterRoleSelector required if aggregationRule is non-nil"
        errors.append(field.required(_SELECTORS, detail))
    lenient = old is not None and _had_invalid_selector(old)
    for i, selector in enumerate(selectors):
        at = _SELECTORS.index(i)
        errors += validate_label_selector(selector, at, allow_invalid_label_value=lenient)
        if validate_label_selector(selector, at):
            # Upstream also tries to use it, and shows what came of that.
            errors.append(field.invalid(at, None, "invalid label selector."))
    return errors


def _had_invalid_selector(old: Object) -> bool:
    selectors = (old.get("aggregationRule") or {}).get("clusterRoleSelectors") or ()
    return any(validate_label_selector(s, _SELECTORS) for s in selectors)


class ClusterRoleStrategy(Strategy):
    """Rules of cluster roles."""

    allow_create_on_update = True

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return _validate(obj, None)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        problems = _validate(obj, old)
        # Upstream validates the role here and again as part of the update.
        return [*problems, *problems, *validate_object_meta_update(obj["metadata"], old["metadata"])]

    def validate_name(self, name: str, prefix: bool) -> list[str]:
        return names.name_is_path_segment(name, prefix)


RESOURCE = ResourceDefinition(
    group="rbac.authorization.k8s.io",
    resource="clusterroles",
    kind="ClusterRole",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("rbac.authorization.k8s.io", "v1", "ClusterRole"),
        ),
    ),
    strategy=ClusterRoleStrategy(),
    namespaced=False,
    singular="clusterrole",
)
