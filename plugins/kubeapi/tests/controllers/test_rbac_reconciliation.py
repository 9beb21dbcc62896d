"""Default roles and bindings after users changed or deleted them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kubern.testing.servers import running_server
from kubern_kubeapi.controllers.rbac_reconciliation import AUTOUPDATE, is_protected, reconciled

Object = dict[str, Any]
API = "/apis/rbac.authorization.k8s.io/v1"
FLAGS = ("--disable-plugins=aggregator,apiextensions", "--storage-backend=sqlite")
PODS = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}
GET_PODS = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
LIST_PODS = {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}
ALL_IN_CORE = {"apiGroups": [""], "resources": ["*"], "verbs": ["*"]}
TO_VIEW = {"matchLabels": {"to": "view"}}
TO_OTHER = {"matchLabels": {"to": "other"}}
ANN = {"kind": "User", "name": "ann"}
BEN = {"kind": "User", "name": "ben"}


def _role(*rules: Object, selectors: list[Object] | None = None, **meta: Object) -> Object:
    role: Object = {"metadata": {"name": "r", **meta}, "rules": list(rules)}
    if selectors is not None:
        role["aggregationRule"] = {"clusterRoleSelectors": selectors}
    return role


@pytest.mark.parametrize(
    ("found", "wanted", "expected"),
    [
        (_role(PODS), _role(PODS), _role(PODS)),
        (_role(GET_PODS), _role(PODS), _role(GET_PODS, LIST_PODS)),
        (_role(ALL_IN_CORE), _role(PODS), _role(ALL_IN_CORE)),
        (_role(), _role(PODS), _role(GET_PODS, LIST_PODS)),
        (_role(PODS, selectors=[TO_VIEW]), _role(PODS), _role(PODS)),
        (_role(PODS), _role(selectors=[TO_VIEW]), _role(PODS, selectors=[TO_VIEW])),
        (_role(selectors=[TO_OTHER]), _role(selectors=[TO_VIEW]), _role(selectors=[TO_OTHER, TO_VIEW])),
        (
            _role(labels={"a": "mine", "b": "2"}),
            _role(labels={"a": "1", "c": "3"}, annotations={"d": "4"}),
            _role(labels={"a": "mine", "c": "3", "b": "2"}, annotations={"d": "4"}),
        ),
    ],
)
def test_roles_get_what_they_lack(found: Object, wanted: Object, expected: Object) -> None:
    """Rights that no rule covers, selectors, labels and annotations; only an aggregation nobody planned goes."""
    assert reconciled(found, wanted) == expected


def test_bindings_get_the_subjects_they_lack() -> None:
    """Subjects that somebody added stay."""
    ref = {"kind": "ClusterRole", "name": "r"}
    found = {"metadata": {"name": "b"}, "roleRef": ref, "subjects": [ANN]}
    wanted = {"metadata": {"name": "b"}, "roleRef": ref, "subjects": [BEN, ANN]}
    assert reconciled(found, wanted)["subjects"] == [ANN, BEN]


@pytest.mark.parametrize(("value", "protected"), [("false", True), ("true", False), ("", False), ("no", False)])
def test_only_false_protects(value: str, protected: bool) -> None:
    """Every other value of the annotation, and none at all, leaves an object to reconciliation."""
    assert is_protected({"metadata": {"annotations": {AUTOUPDATE: value}}}) is protected
    assert not is_protected({"metadata": {}})


def test_a_restart_brings_back_what_was_lost(tmp_path: Path) -> None:
    """Deleted, emptied, bound to another role; but not what is marked as not to be updated."""
    basic, viewer, discovery = (
        f"{API}/clusterroles/system:{n}" for n in ("basic-user", "public-info-viewer", "discovery")
    )
    binding = f"{API}/clusterrolebindings/system:discovery"
    monitoring = f"{API}/clusterrolebindings/system:monitoring"
    with running_server(*FLAGS, data_dir=tmp_path) as server:
        before = {path: server.request("GET", path).json() for path in (basic, viewer, binding)}
        patch = {"Content-Type": "application/merge-patch+json"}
        emptied = {"metadata": {"annotations": None, "labels": None}, "rules": []}
        assert server.request("PATCH", basic, emptied, headers=patch).status == 200
        assert server.request("DELETE", viewer).status == 200
        kept = {"metadata": {"annotations": {AUTOUPDATE: "false"}}, "rules": []}
        assert server.request("PATCH", discovery, kept, headers=patch).status == 200
        assert server.request("PATCH", monitoring, {"subjects": []}, headers=patch).status == 200
        assert server.request("DELETE", binding).status == 200
        other = {"metadata": {"name": "system:discovery"}, "roleRef": {"kind": "ClusterRole", "name": "other"}}
        assert server.request("POST", f"{API}/clusterrolebindings", other).status == 201
    with running_server(*FLAGS, data_dir=tmp_path) as server:
        after = {path: server.request("GET", path).json() for path in (basic, viewer, binding, discovery, monitoring)}
    for path, obj in before.items():
        for key in ("labels", "annotations"):
            assert after[path]["metadata"][key] == obj["metadata"][key]
        assert after[path].get("roleRef") == obj.get("roleRef")
        assert after[path].get("subjects") == obj.get("subjects")
    assert after[viewer]["rules"] == before[viewer]["rules"]
    kinds = ("selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews")
    rules = [(rule["resources"], rule["verbs"]) for rule in after[basic]["rules"]]
    assert rules == [([kind], ["create"]) for kind in kinds]
    assert not after[discovery]["rules"]
    assert [s["name"] for s in after[monitoring]["subjects"]] == ["system:monitoring"]
