"""The ReplicationController kind: defaults, rules, table. Next: `../workloads.py`, `../apps/replicaset.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, ErrorType, FieldError
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    ResourceDefinition,
    ScaleSpec,
    Subresource,
    VersionDefinition,
)
from kubern.apimachinery.validation.equality import semantic_equal
from kubern_kubeapi.groups.apps.replicaset import replica_cells, validate_replica_status
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.core.pod.defaults import default_pod_template
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions
from kubern_kubeapi.groups.core.pod.validation.spec import validate_pod_template_spec
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import (
    validate_object_meta_update,
    validate_object_meta_with_opts,
)
from kubern_kubeapi.groups.workload_strategy import WorkloadStatusStrategy, WorkloadStrategy
from kubern_kubeapi.groups.workloads import (
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
    SELECTOR_MISMATCH,
    SPEC,
    TEMPLATE,
    labels_of,
    name_warnings,
    shown_labels,
    template_options,
    template_warnings,
    validate_always_running,
    validate_counters,
)

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
_NON_CONVERTIBLE = "non-convertible.kubernetes.io"


def default_replication_controller(controller: Object) -> None:
    spec = controller.setdefault("spec", {})
    template = spec.get("template")
    labels = labels_of(template or {})
    if labels:
        if not spec.get("selector"):
            spec["selector"] = dict(labels)
        meta = controller.setdefault("metadata", {})
        if not meta.get("labels"):
            meta["labels"] = dict(labels)
    if spec.get("replicas") is None:
        spec["replicas"] = 1
    if template is not None:
        default_pod_template(template)


def _validate_spec(spec: Object, options: PodValidationOptions) -> ErrorList:
    errors = validate_counters(spec, ("minReadySeconds",), SPEC)
    if not spec.get("selector"):
        errors.append(field.required(SPEC.child("selector")))
    errors += validate_counters(spec, ("replicas",), SPEC)
    return errors + _validate_template(spec, options)


def _validate_template(spec: Object, options: PodValidationOptions) -> ErrorList:
    template = spec.get("template")
    if template is None:
        return [field.required(TEMPLATE)]
    errors: ErrorList = []
    labels = labels_of(template)
    if any(labels.get(key) != value for key, value in (spec.get("selector") or {}).items()):
        errors.append(field.invalid(TEMPLATE.child("metadata", "labels"), shown_labels(template), SELECTOR_MISMATCH))
    errors += validate_pod_template_spec(template, TEMPLATE, options)
    return errors + validate_always_running(template, "ReplicationController", TEMPLATE)


def _validate_non_convertible(obj: Object, old: Object) -> ErrorList:
    """What an annotation says this version of the API cannot express must stay as it is."""
    errors: ErrorList = []
    for key in sorted(old["metadata"].get("annotations") or ()):
        domain, _, name = key.partition("/")
        if domain != _NON_CONVERTIBLE or not name or "/" in name:
            continue
        if "selector" not in name:
            errors.append(FieldError(ErrorType.NOT_FOUND, "spec", name, "unknown non-convertible field"))
        elif not semantic_equal(obj["spec"].get("selector"), old["spec"].get("selector")):
            detail = "cannot update non-convertible selector"
            errors.append(field.invalid(SPEC.child("selector"), obj["spec"].get("selector"), detail))
    return errors


class ReplicationControllerStrategy(WorkloadStrategy):
    """Rules of ReplicationController objects; a delete that names no propagation orphans the pods."""

    default_garbage_collection_policy = "Orphan"

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return self._validate_whole(obj, template_options(None))

    def _validate_whole(self, obj: Object, options: PodValidationOptions) -> ErrorList:
        errors = validate_object_meta_with_opts(obj["metadata"], True, names.name_is_dns_subdomain)
        return errors + _validate_spec(obj["spec"], options)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return name_warnings(obj) + self._template_warnings(obj)

    def _template_warnings(self, obj: Object) -> list[str]:
        return template_warnings(obj) if obj["spec"].get("template") is not None else []

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        options = template_options(old)
        errors = self._validate_whole(obj, options)
        errors += validate_object_meta_update(obj["metadata"], old["metadata"])
        errors += _validate_spec(obj["spec"], options)
        return errors + _validate_non_convertible(obj, old)


class ReplicationControllerStatusStrategy(WorkloadStatusStrategy, ReplicationControllerStrategy):
    """Rules of the status subresource."""

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        return errors + validate_replica_status(obj.get("status") or {})


_COLUMNS = (
    NAME_COLUMN,
    described("Desired", "core.v1.ReplicationControllerSpec.replicas", "integer"),
    described("Current", "core.v1.ReplicationControllerStatus.replicas", "integer"),
    described("Ready", "core.v1.ReplicationControllerStatus.readyReplicas", "integer"),
    AGE_COLUMN,
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
    described("Selector", "core.v1.ReplicationControllerSpec.selector", priority=1),
)


def _selector(obj: Mapping[str, Any]) -> str:
    selector = (obj.get("spec") or {}).get("selector") or {}
    return ",".join(f"{key}={selector[key]}" for key in sorted(selector))


def _cells(obj: Mapping[str, Any]) -> list[Any]:
    return replica_cells(obj, _selector(obj) or "<none>")


def _fields(obj: Mapping[str, Any]) -> dict[str, str]:
    return {"status.replicas": str((obj.get("status") or {}).get("replicas") or 0)}


RESOURCE = ResourceDefinition(
    group="",
    resource="replicationcontrollers",
    kind="ReplicationController",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("", "v1", "ReplicationController"),
            default=default_replication_controller,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=ReplicationControllerStrategy(),
    singular="replicationcontroller",
    short_names=("rc",),
    categories=("all",),
    selectable_fields=("status.replicas",),
    fields=_fields,
    subresources=(
        Subresource("scale", scale=ScaleSpec(selector=_selector), kind="Scale", group="autoscaling", version="v1"),
        Subresource("status", strategy=ReplicationControllerStatusStrategy()),
    ),
    storage_prefix="controllers",
)
