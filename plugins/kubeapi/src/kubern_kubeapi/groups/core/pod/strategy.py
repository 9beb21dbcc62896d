"""How pods differ from the generic store, and their subresources status, ephemeralcontainers and resize.

Upstream: pkg/registry/core/pod/strategy.go. Next: `validation/pod.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.names import is_dns1123_label
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.net import warnings_for_ip
from kubern.registry.strategy import FieldPath, Strategy, keep_status
from kubern_kubeapi.groups.core.pod.defaults import sync_service_account
from kubern_kubeapi.groups.core.pod.drop_disabled import drop_disabled_spec_fields, drop_disabled_status_fields
from kubern_kubeapi.groups.core.pod.prepare import (
    apply_scheduling_gated_condition,
    merge_label_keys,
    preserve_observed_generation,
    sync_app_armor,
)
from kubern_kubeapi.groups.core.pod.qos import compute_pod_qos
from kubern_kubeapi.groups.core.pod.validation.pod import (
    take,
    validate_ephemeral_containers_update,
    validate_pod_create,
    validate_pod_update,
)
from kubern_kubeapi.groups.core.pod.validation.resize import validate_pod_resize
from kubern_kubeapi.groups.core.pod.validation.status import validate_pod_status_update
from kubern_kubeapi.groups.core.pod.warnings.spec import warnings_for_pod_spec

if TYPE_CHECKING:
    from kubern.registry.rest import DeleteOptions
    from kubern.request import RequestContext

Object = dict[str, Any]
FINISHED_PHASES = ("Failed", "Succeeded")


def _bump_generation(pod: Object, old: Object) -> None:
    generation = old["metadata"].get("generation", 0)
    if not semantic_equal(pod["spec"], old["spec"]):
        generation += 1
    if generation:
        pod["metadata"]["generation"] = generation


def pod_warnings(pod: Mapping[str, Any]) -> list[str]:
    return warnings_for_pod_spec(pod["spec"], pod["metadata"], Path("spec"), Path("metadata"), is_pod=True)


class PodStrategy(Strategy):
    """Pods themselves."""

    graceful = True
    reset_fields: tuple[FieldPath, ...] = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        spec = obj["spec"]
        obj["metadata"]["generation"] = 1
        sync_service_account(spec)
        obj["status"] = {"phase": "Pending", "qosClass": compute_pod_qos(spec)}
        drop_disabled_spec_fields(spec, None)
        apply_scheduling_gated_condition(obj)
        merge_label_keys(obj)
        ctx.warnings.extend(sync_app_armor(obj))

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_pod_create(obj)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        warnings = []
        problems = is_dns1123_label(obj["metadata"].get("name", ""))
        if problems:
            warnings.append(
                "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; "
                f"a DNS label is recommended: [{' '.join(problems)}]"
            )
        return warnings + pod_warnings(obj)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)
        sync_service_account(obj["spec"])
        drop_disabled_spec_fields(obj["spec"], old["spec"])
        _bump_generation(obj, old)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_pod_update(obj, old)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        """None: pods are updated often, and seldom by people."""
        return []

    def check_graceful_delete(self, ctx: RequestContext, obj: Object, options: DeleteOptions) -> bool:
        """The period asked for, else the pod's own; none for pods that run nowhere or have ended."""
        period = options.grace_period_seconds
        if period is None:
            period = obj["spec"].get("terminationGracePeriodSeconds") or 0
        finished = (obj.get("status") or {}).get("phase") in FINISHED_PHASES
        if not obj["spec"].get("nodeName") or finished:
            period = 0
        options.grace_period_seconds = 1 if period < 0 else period
        return True


class PodStatusStrategy(PodStrategy):
    """pods/status."""

    reset_fields = (("spec",), ("metadata", "deletionTimestamp"), ("metadata", "ownerReferences"))

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old["spec"]
        obj["metadata"].pop("deletionTimestamp", None)
        take(obj["metadata"], "ownerReferences", old["metadata"])
        status = obj.setdefault("status", {})
        old_status = old.get("status") or {}
        if not status.get("qosClass"):
            take(status, "qosClass", old_status)
        preserve_observed_generation(status, old_status)
        drop_disabled_status_fields(status, old_status)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_pod_status_update(obj, old)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        status, at = obj.get("status") or {}, Path("status")
        return [
            warning
            for name in ("podIPs", "hostIPs")
            for i, address in enumerate(status.get(name) or ())
            for warning in warnings_for_ip(at.child(name).index(i).child("ip"), address.get("ip") or "")
        ]


def _only_changed(pod: Object, old: Object, changed_spec: Object) -> None:
    """Make `pod` the old pod with another spec, and with what identifies and guards the request."""
    meta = dict(old["metadata"])
    for name in ("name", "namespace", "uid", "resourceVersion", "managedFields"):
        take(meta, name, pod["metadata"])
    for name in [name for name in pod if name not in ("apiVersion", "kind")]:
        del pod[name]
    pod.update({k: v for k, v in old.items() if k not in ("apiVersion", "kind")})
    pod["metadata"] = meta
    pod["spec"] = changed_spec


class PodEphemeralContainersStrategy(PodStrategy):
    """pods/ephemeralcontainers."""

    reset_fields = ()

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        spec = dict(old["spec"])
        take(spec, "ephemeralContainers", obj["spec"])
        _only_changed(obj, old, spec)
        drop_disabled_spec_fields(obj["spec"], old["spec"])
        _bump_generation(obj, old)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_ephemeral_containers_update(obj, old)


class PodResizeStrategy(PodStrategy):
    """pods/resize."""

    reset_fields = ()

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        spec, wanted = dict(old["spec"]), obj["spec"]
        names = ("containers", "initContainers")
        if all(len(wanted.get(name) or ()) == len(spec.get(name) or ()) for name in names):
            for name in names:
                if spec.get(name):
                    spec[name] = _resized(spec[name], wanted[name])
            take(spec, "resources", wanted)
            _only_changed(obj, old, spec)
        drop_disabled_spec_fields(obj["spec"], old["spec"])
        _bump_generation(obj, old)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_pod_resize(obj, old)


def _resized(old: list[Object], new: list[Object]) -> list[Object]:
    """The old containers with the new ones' resources and resize policies; the new ones when names differ.

    Validation says what is wrong with containers that were renamed, reordered, added or removed.
    """
    out = []
    for before, after in zip(old, new, strict=True):
        if before.get("name") != after.get("name"):
            return new
        merged = dict(before)
        take(merged, "resources", after)
        take(merged, "resizePolicy", after)
        out.append(merged)
    return out
