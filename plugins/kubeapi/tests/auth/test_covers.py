"""What rules are missing, and how that is told."""

from __future__ import annotations

from kubern_kubeapi.authorization.covers import describe, missing_rights

HELD = [
    {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "*/status"]},
    {"verbs": ["*"], "apiGroups": ["apps"], "resources": ["*"]},
    {"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a"]},
    {"verbs": ["get"], "nonResourceURLs": ["/logs/*"]},
]


def missing(**rule: list[str]) -> str:
    return describe(missing_rights(HELD, [rule]))


def test_stars_subresources_names_and_paths_cover() -> None:
    """Everything that is held covers its parts."""
    assert missing(verbs=["get"], apiGroups=[""], resources=["pods", "nodes/status"]) == ""
    assert missing(verbs=["bind"], apiGroups=["apps"], resources=["deployments/scale"]) == ""
    assert missing(verbs=["get"], apiGroups=[""], resources=["secrets"], resourceNames=["a"]) == ""
    assert missing(verbs=["get"], nonResourceURLs=["/logs/x"]) == ""


def test_a_right_on_a_name_is_none_on_all() -> None:
    """And a star is more than the sum of what it stands for."""
    assert missing(verbs=["get"], apiGroups=[""], resources=["secrets"]) == (
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}'
    )
    assert (
        missing(verbs=["*"], apiGroups=[""], resources=["pods"]) == '{APIGroups:[""], Resources:["pods"], Verbs:["*"]}'
    )


def test_verbs_of_a_resource_are_told_together_and_lines_sorted() -> None:
    """One line for each resource and name."""
    text = missing(verbs=["watch", "get", "delete"], apiGroups=["", "batch"], resources=["pods"])
    assert text == (
        '{APIGroups:[""], Resources:["pods"], Verbs:["watch" "delete"]}\n'
        '{APIGroups:["batch"], Resources:["pods"], Verbs:["watch" "get" "delete"]}'
    )
