"""Who may change what of a signing request's conditions."""

from __future__ import annotations

import copy
from typing import Any

from kubern.request import RequestContext, RequestInfo
from kubern_kubeapi.groups.certificates.certificatesigningrequest import CertificateSigningRequestStatusStrategy

STRATEGY = CertificateSigningRequestStatusStrategy()
CONTEXT = RequestContext(RequestInfo(path="/", verb="patch"))
APPROVED = {
    "type": "Approved", "status": "True", "reason": "Checked", "lastUpdateTime": "2026-01-01T00:00:00Z",
    "lastTransitionTime": "2026-01-01T00:00:00Z",
}  # fmt: skip
OLD: dict[str, Any] = {"metadata": {"name": "a"}, "spec": {}, "status": {"conditions": [APPROVED]}}


def test_a_status_update_leaves_decisions_as_they_were() -> None:
    """A decision that is sent again without its times is the same decision, not a changed one."""
    new = copy.deepcopy(OLD)
    failed = {"type": "Failed", "status": "True"}
    new["status"] = {"conditions": [{"type": "Approved", "status": "True", "reason": "Other"}, failed]}
    STRATEGY.prepare_for_update(CONTEXT, new, OLD)
    conditions = new["status"]["conditions"]
    assert conditions[0] == APPROVED
    assert conditions[1]["lastUpdateTime"] == conditions[1]["lastTransitionTime"]
    assert OLD["status"] == {"conditions": [APPROVED]}
