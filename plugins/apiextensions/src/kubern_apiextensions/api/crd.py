"""Words for definitions: names, versions and conditions of a CustomResourceDefinition dict.

Upstream: pkg/apihelpers. Next: `defaults.py`.
"""

from __future__ import annotations

from typing import Any, Final

from kubern.registry.before import now_text

Object = dict[str, Any]

GROUP: Final = "apiextensions.k8s.io"
VERSION: Final = "v1"
RESOURCE: Final = "customresourcedefinitions"
KIND: Final = "CustomResourceDefinition"
FINALIZER: Final = "customresourcecleanup.apiextensions.k8s.io"
API_APPROVED_ANNOTATION: Final = "api-approved.kubernetes.io"

NAMES_ACCEPTED: Final = "NamesAccepted"
ESTABLISHED: Final = "Established"
TERMINATING: Final = "Terminating"
NON_STRUCTURAL_SCHEMA: Final = "NonStructuralSchema"
API_APPROVAL: Final = "KubernetesAPIApprovalPolicyConformant"


def group(crd: Object) -> str:
    return crd["spec"].get("group", "")  # type: ignore[no-any-return]


def is_namespaced(crd: Object) -> bool:
    return bool(crd["spec"].get("scope") == "Namespaced")


def versions(crd: Object) -> list[Object]:
    return crd["spec"].get("versions") or []


def storage_version(crd: Object) -> str:
    """The version objects are stored in. Raises ValueError when there is none."""
    for version in versions(crd):
        if version.get("storage"):
            return version.get("name", "")  # type: ignore[no-any-return]
    raise ValueError(f"CustomResourceDefinition {crd['metadata'].get('name')!r} has no storage version")


def find_condition(crd: Object, kind: str) -> Object | None:
    for condition in (crd.get("status") or {}).get("conditions") or ():
        if condition.get("type") == kind:
            return condition  # type: ignore[no-any-return]
    return None


def is_condition_true(crd: Object, kind: str) -> bool:
    condition = find_condition(crd, kind)
    return condition is not None and condition.get("status") == "True"


def set_condition(crd: Object, kind: str, status: str, reason: str, message: str) -> None:
    """Set a condition in place; its time moves only with its status."""
    existing = find_condition(crd, kind)
    if existing is None:
        conditions = crd.setdefault("status", {}).get("conditions") or []
        crd["status"]["conditions"] = [*conditions, _condition(kind, status, reason, message, now_text())]
        return
    since = existing.get("lastTransitionTime")
    if existing.get("status") != status or not since:
        since = now_text()
    existing.clear()
    existing.update(_condition(kind, status, reason, message, since))


def _condition(kind: str, status: str, reason: str, message: str, since: str) -> Object:
    return {"lastTransitionTime": since, "message": message, "reason": reason, "status": status, "type": kind}


def remove_condition(crd: Object, kind: str) -> None:
    status = crd.get("status") or {}
    kept = [c for c in status.get("conditions") or () if c.get("type") != kind]
    if status.get("conditions"):
        status["conditions"] = kept
