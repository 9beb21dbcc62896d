"""Selectors of aggregated cluster roles."""

from __future__ import annotations

from typing import Any

import pytest

from kubern.request import LOOPBACK_USER, RequestContext, RequestInfo
from kubern_kubeapi.groups.rbac.clusterrole import ClusterRoleStrategy

Object = dict[str, Any]
AT = "aggregationRule.clusterRoleSelectors[0]"


@pytest.mark.parametrize(
    ("selector", "fields"),
    [
        ({}, []),
        ({"matchLabels": {"a": "b"}}, []),
        ({"matchLabels": {"a": "-"}}, [f"{AT}.matchLabels", AT]),
        ({"matchExpressions": [{"key": "a", "operator": "In"}]}, [f"{AT}.matchExpressions[0].values", AT]),
        ({"matchExpressions": [{"key": "a", "operator": "?"}]}, [f"{AT}.matchExpressions[0].operator", AT]),
    ],
)
def test_selectors_are_judged_and_then_tried(selector: Object, fields: list[str]) -> None:
    """What cannot be used is told of twice, the second time without a value."""
    role = {"metadata": {"name": "r"}, "aggregationRule": {"clusterRoleSelectors": [selector]}}
    ctx = RequestContext(RequestInfo(path="", verb="create"), user=LOOPBACK_USER)
    problems = ClusterRoleStrategy().validate(ctx, role)
    assert [str(problem.field) for problem in problems] == fields
    if fields:
        assert "null: invalid label selector." in str(problems[-1])
