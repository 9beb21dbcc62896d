"""Which requests a policy records, and how much of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubern.audit.policy import Level, Policy, PolicyError, load_policy
from kubern.authorization.interface import Attributes
from kubern.request import User

HEAD = "apiVersion: audit.k8s.io/v1\nkind: Policy\n"
ALICE = User("alice", groups=("cooks",))


def policy(tmp_path: Path, text: str) -> Policy:
    file = tmp_path / "policy.yaml"
    file.write_text(HEAD + text)
    return load_policy(str(file))


def about(resource: str, subresource: str = "", *, group: str = "", verb: str = "get", name: str = "") -> Attributes:
    return Attributes(ALICE, verb, "", True, group, "v1", "ns", resource, subresource, name)


@pytest.mark.parametrize(
    ("rule", "attributes", "matches"),
    [
        ("resources: [{group: '', resources: [pods]}]", about("pods"), True),
        ("resources: [{group: '', resources: [pods]}]", about("pods", "log"), False),
        ("resources: [{group: '', resources: [pods/*]}]", about("pods", "log"), True),
        ("resources: [{group: '', resources: ['*/log']}]", about("pods", "log"), True),
        ("resources: [{group: apps}]", about("pods"), False),
        ("resources: [{group: '', resources: [pods], resourceNames: [a]}]", about("pods", name="b"), False),
        ("namespaces: [other]", about("pods"), False),
        ("namespaces: [ns]", Attributes(ALICE, "get", path="/x"), False),
        ("users: [bob]", about("pods"), False),
        ("userGroups: [cooks]", about("pods"), True),
        ("verbs: [list]", about("pods"), False),
        ("nonResourceURLs: ['/x*']", Attributes(ALICE, "get", path="/xy"), True),
        ("nonResourceURLs: ['/x*']", about("pods"), False),
    ],
)
def test_a_rule_matches_what_it_names(tmp_path: Path, rule: str, attributes: Attributes, matches: bool) -> None:
    """All conditions of a rule must hold; the first rule that matches decides."""
    found = policy(tmp_path, f"rules:\n- level: Request\n  {rule}\n").evaluate(attributes)
    assert found.level is (Level.Request if matches else Level.None_)


def test_stages_and_managed_fields_are_omitted_as_policy_and_rule_say(tmp_path: Path) -> None:
    """Stages add up, the rule's own word on managed fields wins."""
    text = (
        "omitStages: [RequestReceived]\nomitManagedFields: true\n"
        "rules:\n- {level: Metadata, omitStages: [Panic], omitManagedFields: false}\n"
    )
    found = policy(tmp_path, text).evaluate(about("pods"))
    assert found.omit_stages == {"RequestReceived", "Panic"}
    assert not found.omit_managed_fields


def test_all_problems_of_a_file_are_listed(tmp_path: Path) -> None:
    """Levels, stages and paths that do not exist stop the start."""
    rules = "rules:\n- {level: Much}\n- {level: None, nonResourceURLs: ['x*y'], namespaces: [a]}\n"
    with pytest.raises(PolicyError, match=r"rules\[0\].level: 'Much'.*rules\[1\].nonResourceURLs: 'x\*y'"):
        policy(tmp_path, rules)
