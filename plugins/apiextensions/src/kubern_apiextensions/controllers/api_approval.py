"""Whether a definition in a protected group is approved (upstream: apiapproval_controller.go)."""

from __future__ import annotations

from typing import Any, Final

from kubern_apiextensions.api import crd as crds
from kubern_apiextensions.api.validation.crd import api_approval, is_protected_group

Object = dict[str, Any]
_REASONS: Final = {
    "missing": ("False", "MissingAnnotation"),
    "bypassed": ("False", "UnapprovedAnnotation"),
    "approved": ("True", "ApprovedAnnotation"),
    "invalid": ("False", "InvalidAnnotation"),
}


def judge(crd: Object) -> None:
    """Set the condition in place; other groups have none."""
    if not is_protected_group(crds.group(crd)):
        return
    state, text = api_approval(crd)
    status, reason = _REASONS[state]
    crds.set_condition(crd, crds.API_APPROVAL, status, reason, text)
