"""The StatefulSet kind: defaults, strategies, table. Next: `statefulset_validation.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.field import ErrorList
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    Column,
    ResourceDefinition,
    ScaleSpec,
    Subresource,
    VersionDefinition,
)
from kubern_kubeapi.groups.apps.deployment import scale_selector
from kubern_kubeapi.groups.apps.statefulset_validation import (
    validate_stateful_set,
    validate_stateful_set_status_update,
    validate_stateful_set_update,
)
from kubern_kubeapi.groups.core.pod.defaults import default_pod_template
from kubern_kubeapi.groups.core.pod.defaults_volumes import default_claim_spec
from kubern_kubeapi.groups.core.pod.warnings.volumes import warnings_for_claim_spec
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.workload_strategy import WorkloadStatusStrategy, WorkloadStrategy
from kubern_kubeapi.groups.workloads import (
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
    SPEC,
    container_cells,
    template_of,
    template_warnings,
    warnings_on_changed_template,
)

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]


def default_stateful_set(stateful_set: Object) -> None:
    spec = stateful_set.setdefault("spec", {})
    spec["podManagementPolicy"] = spec.get("podManagementPolicy") or "OrderedReady"
    strategy = spec.setdefault("updateStrategy", {})
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
        if strategy.get("rollingUpdate") is None:
            strategy["rollingUpdate"] = {}
    rolling = strategy.get("rollingUpdate")
    if strategy["type"] == "RollingUpdate" and rolling is not None and rolling.get("partition") is None:
        rolling["partition"] = 0
    retention = spec["persistentVolumeClaimRetentionPolicy"] = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    for name in ("whenDeleted", "whenScaled"):
        retention[name] = retention.get(name) or "Retain"
    for name, value in (("replicas", 1), ("revisionHistoryLimit", 10)):
        if spec.get(name) is None:
            spec[name] = value
    default_pod_template(spec.setdefault("template", {}))
    for claim in spec.get("volumeClaimTemplates") or ():
        claim["apiVersion"], claim["kind"] = "v1", "PersistentVolumeClaim"
        default_claim_spec(claim.setdefault("spec", {}))
        status = claim.setdefault("status", {})
        status["phase"] = status.get("phase") or "Pending"


class StatefulSetStrategy(WorkloadStrategy):
    """Rules of StatefulSet objects."""

    new_status = {"replicas": 0, "availableReplicas": 0}

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_stateful_set(obj)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return template_warnings(obj) + _claim_warnings(obj, "")

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_stateful_set_update(obj, old)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return warnings_on_changed_template(obj, old) + _claim_warnings(obj, "Spec")


def _claim_warnings(obj: Object, spec_name: str) -> list[str]:
    """Warnings about the claims and the history; how upstream names a claim's spec depends on the request."""
    warnings = []
    for i, claim in enumerate(obj["spec"].get("volumeClaimTemplates") or ()):
        at = SPEC.child("volumeClaimTemplates").index(i)
        warnings += warnings_for_claim_spec(claim.get("spec") or {}, at.child(spec_name) if spec_name else at)
    history = obj["spec"].get("revisionHistoryLimit")
    if history is not None and history < 0:
        warnings.append("spec.revisionHistoryLimit: a negative value retains all historical revisions; "
                        "a value >= 0 is recommended")  # fmt: skip
    return warnings


class StatefulSetStatusStrategy(WorkloadStatusStrategy, StatefulSetStrategy):
    """Rules of the status subresource."""

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_stateful_set_status_update(obj, old)


_COLUMNS = (
    NAME_COLUMN,
    Column("Ready", description="Number of the pod with ready state"),
    AGE_COLUMN,
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
)


def _cells(obj: Mapping[str, Any]) -> list[Any]:
    ready = (obj.get("status") or {}).get("readyReplicas") or 0
    return [
        obj["metadata"].get("name", ""),
        f"{ready}/{(obj.get('spec') or {}).get('replicas') or 0}",
        age(obj),
        *container_cells(template_of(obj)),
    ]


RESOURCE = ResourceDefinition(
    group="apps",
    resource="statefulsets",
    kind="StatefulSet",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("apps", "v1", "StatefulSet"),
            default=default_stateful_set,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=StatefulSetStrategy(),
    singular="statefulset",
    short_names=("sts",),
    categories=("all",),
    subresources=(
        Subresource("scale", scale=ScaleSpec(selector=scale_selector), kind="Scale", group="autoscaling", version="v1"),
        Subresource("status", strategy=StatefulSetStatusStrategy()),
    ),
)
