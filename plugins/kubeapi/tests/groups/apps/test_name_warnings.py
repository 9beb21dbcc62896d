"""Which workloads warn of names with dots."""

from __future__ import annotations

from typing import Any

import pytest

from kubern.request import RequestContext, RequestInfo
from kubern_kubeapi.groups.all import API_GROUPS

STRATEGIES = {d.resource: d.strategy for group in API_GROUPS for d in group.resources}
WARNING = (
    "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is "
    "recommended: [must not contain dots]"
)


@pytest.mark.parametrize(
    ("resource", "warned"),
    [
        ("deployments", True),
        ("replicasets", True),
        ("replicationcontrollers", True),
        ("jobs", True),
        ("cronjobs", True),
        ("daemonsets", False),
        ("podtemplates", False),
    ],
)
def test_names_with_dots(resource: str, warned: bool) -> None:
    """Those whose name becomes a host name; pods of daemon sets are called otherwise."""
    obj: dict[str, Any] = {"metadata": {"name": "a.b"}, "spec": {"template": {}, "jobTemplate": {}}, "template": {}}
    ctx = RequestContext(RequestInfo(path="/", verb="create"))
    assert STRATEGIES[resource].warnings_on_create(ctx, obj) == ([WARNING] if warned else [])
