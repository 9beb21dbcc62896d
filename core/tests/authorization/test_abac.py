"""Mode ABAC: policies as they stand in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubern.authorization.abac import ABACAuthorizer, PolicyFileError, load_policies
from kubern.authorization.interface import Attributes, Decision
from kubern.request import ALL_AUTHENTICATED, User

V1BETA1 = '{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy","spec":%s}\n'


def authorizer(tmp_path: Path, *lines: str) -> ABACAuthorizer:
    file = tmp_path / "policies.jsonl"
    file.write_text("# who may what\n\n" + "".join(lines))
    return ABACAuthorizer(load_policies(str(file)))


def reads(user: User, resource: str, namespace: str = "ns", verb: str = "get", group: str = "") -> Attributes:
    return Attributes(user, verb, "", True, group, "v1", namespace, resource)


ALICE = User("alice", groups=("cooks", ALL_AUTHENTICATED))


async def test_a_policy_names_user_namespace_resource_and_group(tmp_path: Path) -> None:
    """All parts must fit, a star fits everything, and a read-only policy allows reading."""
    abac = authorizer(
        tmp_path, V1BETA1 % '{"user":"alice","namespace":"ns","resource":"pods","apiGroup":"*","readonly":true}'
    )
    assert await abac.authorize(reads(ALICE, "pods")) == (Decision.ALLOW, "")
    refused = (Decision.NO_OPINION, "No policy matched.")
    assert await abac.authorize(reads(ALICE, "pods", verb="delete")) == refused
    assert await abac.authorize(reads(ALICE, "pods", namespace="other")) == refused
    assert await abac.authorize(reads(ALICE, "secrets")) == refused
    assert await abac.authorize(reads(User("bob"), "pods")) == refused


async def test_paths_may_end_in_a_star(tmp_path: Path) -> None:
    """A policy for paths says nothing about resources."""
    abac = authorizer(tmp_path, V1BETA1 % '{"group":"cooks","nonResourcePath":"/logs/*"}')
    assert (await abac.authorize(Attributes(ALICE, "get", path="/logs/a")))[0] is Decision.ALLOW
    assert (await abac.authorize(Attributes(ALICE, "get", path="/metrics")))[0] is Decision.NO_OPINION
    assert (await abac.authorize(reads(ALICE, "pods")))[0] is Decision.NO_OPINION


async def test_a_star_is_everybody_who_is_authenticated(tmp_path: Path) -> None:
    """Anonymous requests are not meant by a star."""
    abac = authorizer(tmp_path, V1BETA1 % '{"user":"*","namespace":"*","resource":"*","apiGroup":"*"}')
    assert (await abac.authorize(reads(ALICE, "pods")))[0] is Decision.ALLOW
    assert (await abac.authorize(reads(User("system:anonymous"), "pods")))[0] is Decision.NO_OPINION


async def test_the_unversioned_form_means_everything_it_leaves_out(tmp_path: Path) -> None:
    """A line with nothing but a user allows all resources and paths."""
    abac = authorizer(tmp_path, '{"user":"alice"}\n')
    assert (await abac.authorize(reads(ALICE, "pods", group="apps", verb="delete")))[0] is Decision.ALLOW
    assert (await abac.authorize(Attributes(ALICE, "get", path="/x")))[0] is Decision.ALLOW
    rules = await abac.rules_for(ALICE, "ns")
    assert rules.resource_rules == [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]


async def test_rules_of_a_namespace(tmp_path: Path) -> None:
    """A policy counts in its namespace only, for paths too."""
    spec = '{"user":"alice","namespace":"ns","resource":"pods","readonly":true,"nonResourcePath":"/x"}'
    line = f'{{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy","spec":{spec}}}\n'
    abac = authorizer(tmp_path, line)
    inside, outside = await abac.rules_for(ALICE, "ns"), await abac.rules_for(ALICE, "other")
    assert [len(inside.resource_rules), len(inside.non_resource_rules)] == [1, 1]
    assert [len(outside.resource_rules), len(outside.non_resource_rules)] == [0, 0]


def test_a_line_that_is_no_policy_is_named(tmp_path: Path) -> None:
    """The start fails with file and line."""
    with pytest.raises(PolicyFileError, match=r"policies.jsonl, line 3"):
        authorizer(tmp_path, '{"kind":"Pod","apiVersion":"v1"}\n')
