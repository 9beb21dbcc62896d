"""The IngressClass kind (networking.k8s.io). Next: `ingress.py`, which names one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, Column, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation.hosts import validate_domain_prefixed_path
from kubern.apimachinery.validation.objectmeta import validate_immutable
from kubern.registry.strategy import Strategy, bump_generation
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.networking.ingress_validation import validate_typed_reference
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

DEFAULT_ANNOTATION = "ingressclass.kubernetes.io/is-default-class"
_SPEC = Path("spec")
_CONTROLLER = _SPEC.child("controller")
_MAX_CONTROLLER = 250
_SCOPES = ("Cluster", "Namespace")


def set_ingress_class_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_IngressClass."""
    parameters = obj.get("spec", {}).get("parameters")
    if parameters is not None and parameters.get("scope") is None:
        parameters["scope"] = "Cluster"


def _validate_controller(controller: str) -> ErrorList:
    if not controller:
        return [field.required(_CONTROLLER)]
    errors: ErrorList = []
    if len(controller) > _MAX_CONTROLLER:
        errors.append(field.too_long(_CONTROLLER, "", _MAX_CONTROLLER))
    return errors + validate_domain_prefixed_path(_CONTROLLER, controller)


def _validate_parameters(parameters: Object | None, path: Path) -> ErrorList:
    if parameters is None:
        return []
    errors = validate_typed_reference(parameters, path)
    scope, namespace, at = parameters.get("scope"), parameters.get("namespace"), path.child("namespace")
    if scope is None:
        errors.append(field.required(path.child("scope")))
    elif scope not in _SCOPES:
        errors.append(field.not_supported(path.child("scope"), scope, _SCOPES))
    elif scope == "Namespace":
        if namespace is None:
            errors.append(field.required(at, "`parameters.scope` is set to 'Namespace'"))
        else:
            errors += [field.invalid(at, namespace, m) for m in names.is_dns1123_label(namespace)]
    elif namespace is not None:
        errors.append(field.forbidden(at, "`parameters.scope` is set to 'Cluster'"))
    return errors


class IngressClassStrategy(Strategy):
    """Rules of ingress classes."""

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["metadata"]["generation"] = 1

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        bump_generation(obj, old)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
        spec = obj.get("spec", {})
        errors += _validate_controller(spec.get("controller", ""))
        return errors + _validate_parameters(spec.get("parameters"), _SPEC.child("parameters"))

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        new, previous = obj.get("spec", {}).get("controller", ""), old.get("spec", {}).get("controller", "")
        return errors + validate_immutable(new, previous, _CONTROLLER) + self.validate(ctx, obj)


def _cells(obj: Object) -> list[Any]:
    spec = obj.get("spec", {})
    parameters, text = spec.get("parameters"), "<none>"
    if parameters is not None:
        group = parameters.get("apiGroup")
        kind = parameters.get("kind", "") if group is None else f"{parameters.get('kind', '')}.{group}"
        text = f"{kind}/{parameters.get('name', '')}"
    meta = obj["metadata"]
    default = (meta.get("annotations") or {}).get(DEFAULT_ANNOTATION) == "true"
    name = f"{meta['name']} (default)" if default else meta["name"]
    return [name, spec.get("controller", ""), text, age(obj)]


_COLUMNS = (
    NAME_COLUMN,
    Column("Controller", description="Controller that is responsible for handling this class"),
    Column("Parameters", description="A reference to a resource with additional parameters"),
    AGE_COLUMN,
)

RESOURCE = ResourceDefinition(
    group="networking.k8s.io",
    resource="ingressclasses",
    kind="IngressClass",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("networking.k8s.io", "v1", "IngressClass"),
            default=set_ingress_class_defaults,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=IngressClassStrategy(),
    namespaced=False,
    singular="ingressclass",
)
