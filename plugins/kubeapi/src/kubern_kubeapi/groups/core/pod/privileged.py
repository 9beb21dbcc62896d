"""--allow-privileged=false: no privileged containers in pods and in templates of pods.

Upstream: capabilities.Setup, and validateSecurityContext which asks it. Next: `../../../server.py`, which binds it.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeVar

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path

if TYPE_CHECKING:
    from kubern.registry.strategy import Strategy
    from kubern.request import RequestContext

    S = TypeVar("S", bound=Strategy)
    _Base = Strategy
else:
    _Base = object

Object = dict[str, Any]
DETAIL = "disallowed by cluster policy"
_POD_SPECS: dict[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "PodTemplate": ("template", "spec"),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    **dict.fromkeys(
        ("DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"),
        ("spec", "template", "spec"),
    ),
}
KINDS = frozenset(_POD_SPECS)
"""The kinds with a pod spec in them."""


def forbidding_privileged(strategy: S, kind: str) -> S:
    """The strategy of a kind, which also reports privileged containers."""
    changed = copy.copy(strategy)
    name = f"{type(strategy).__name__}WithoutPrivileged"
    changed.__class__ = type(name, (_PrivilegedForbidden, type(strategy)), {"pod_spec": _POD_SPECS[kind]})
    return changed


class _PrivilegedForbidden(_Base):
    pod_spec: tuple[str, ...]

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return super().validate(ctx, obj) + _problems(obj, self.pod_spec)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return super().validate_update(ctx, obj, old) + _problems(obj, self.pod_spec)


def _problems(obj: Object, pod_spec: tuple[str, ...]) -> ErrorList:
    path = Path(pod_spec[0])
    spec = obj.get(pod_spec[0]) or {}
    for part in pod_spec[1:]:
        spec, path = spec.get(part) or {}, path.child(part)
    errors: ErrorList = []
    for containers in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(spec.get(containers) or ()):
            if (container.get("securityContext") or {}).get("privileged"):
                where = path.child(containers).index(index).child("securityContext", "privileged")
                errors.append(field.forbidden(where, DETAIL))
    return errors
