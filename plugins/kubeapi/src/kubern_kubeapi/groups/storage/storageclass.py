"""The StorageClass kind (storage.k8s.io). Next: `volumeattributesclass.py`, its sibling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation.labels import validate_label_name
from kubern.apimachinery.validation.objectmeta import validate_immutable
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.node_labels import node_label_deprecation
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update
from kubern_kubeapi.groups.storage.names import class_name_text, validate_parameters, validate_provisioner

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

_DEFAULT_MARKS = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
RECLAIM_POLICIES = ("Delete", "Retain")
BINDING_MODES = ("Immediate", "WaitForFirstConsumer")
_IMMUTABLE = ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode")


def set_storage_class_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_StorageClass."""
    if obj.get("reclaimPolicy") is None:
        obj["reclaimPolicy"] = "Delete"
    if obj.get("volumeBindingMode") is None:
        obj["volumeBindingMode"] = "Immediate"


def validate_storage_class(obj: Object) -> ErrorList:
    """Upstream: ValidateStorageClass."""
    errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
    errors += validate_provisioner(obj.get("provisioner", ""), Path("provisioner"))
    errors += validate_parameters(obj.get("parameters"), True, Path("parameters"))
    policy, mode = obj.get("reclaimPolicy"), obj.get("volumeBindingMode")
    if policy and policy not in RECLAIM_POLICIES:
        errors.append(field.not_supported(Path("reclaimPolicy"), policy, RECLAIM_POLICIES))
    if mode is None:
        errors.append(field.required(Path("volumeBindingMode")))
    elif mode not in BINDING_MODES:
        errors.append(field.not_supported(Path("volumeBindingMode"), mode, BINDING_MODES))
    return errors + _validate_allowed_topologies(obj.get("allowedTopologies") or [], Path("allowedTopologies"))


def _validate_allowed_topologies(terms: list[Object], path: Path) -> ErrorList:
    errors: ErrorList = []
    # Upstream compares with as many empty terms as there are terms, so an empty one is always a duplicate.
    seen: list[dict[str, set[str]]] = [{} for _ in terms]
    for i, term in enumerate(terms):
        at = path.index(i).child("matchLabelExpressions")
        expressions, problems = _validate_term(term, at)
        errors += problems
        errors += [field.duplicate(at, "") for other in seen if other == expressions]
        seen.append(expressions)
    return errors


def _validate_term(term: Object, path: Path) -> tuple[dict[str, set[str]], ErrorList]:
    errors: ErrorList = []
    expressions: dict[str, set[str]] = {}
    for i, requirement in enumerate(term.get("matchLabelExpressions") or ()):
        at = path.index(i)
        key, values = requirement.get("key", ""), requirement.get("values") or []
        if not values:
            errors.append(field.required(at.child("values")))
        errors += [field.duplicate(at.child("values").index(j), v) for j, v in enumerate(values) if v in values[:j]]
        errors += validate_label_name(key, at.child("key"))
        if key in expressions:
            errors.append(field.duplicate(at.child("key"), key))
        expressions[key] = set(values)
    return expressions, errors


def _topology_warnings(obj: Object) -> list[str]:
    """Upstream: GetWarningsForStorageClass."""
    warnings = []
    for i, term in enumerate(obj.get("allowedTopologies") or ()):
        at = Path("allowedTopologies").index(i).child("matchLabelExpressions")
        for j, requirement in enumerate(term.get("matchLabelExpressions") or ()):
            message = node_label_deprecation(requirement.get("key", ""))
            if message:
                warnings.append(f"{at.index(j).child('key')}: {message}")
    return warnings


class StorageClassStrategy(Strategy):
    """Rules of storage classes: what volumes depend on cannot change."""

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_storage_class(obj)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return _topology_warnings(obj)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return _topology_warnings(obj)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_storage_class(obj) + validate_object_meta_update(obj["metadata"], old["metadata"])
        for name in _IMMUTABLE:
            errors += validate_immutable(obj.get(name), old.get(name), Path(name))
        return errors


def _cells(obj: Object) -> list[Any]:
    return [
        class_name_text(obj, _DEFAULT_MARKS),
        obj.get("provisioner", ""),
        obj.get("reclaimPolicy") or "Delete",
        obj.get("volumeBindingMode") or "Immediate",
        bool(obj.get("allowVolumeExpansion")),
        age(obj),
    ]


_COLUMNS = (
    NAME_COLUMN,
    described("Provisioner", "storage.v1.StorageClass.provisioner"),
    described("ReclaimPolicy", "storage.v1.StorageClass.reclaimPolicy"),
    described("VolumeBindingMode", "storage.v1.StorageClass.volumeBindingMode"),
    described("AllowVolumeExpansion", "storage.v1.StorageClass.allowVolumeExpansion"),
    AGE_COLUMN,
)

RESOURCE = ResourceDefinition(
    group="storage.k8s.io",
    resource="storageclasses",
    kind="StorageClass",
    return_deleted_object=True,
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("storage.k8s.io", "v1", "StorageClass"),
            default=set_storage_class_defaults,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=StorageClassStrategy(),
    namespaced=False,
    singular="storageclass",
    short_names=("sc",),
)
