"""Who may act as whom, by which right, and what refusals say."""

from __future__ import annotations

from typing import Any

import pytest

from kubern.apimachinery.errors import StatusError
from kubern.authorization.interface import Attributes, Decision
from kubern.filters.impersonation import ImpersonationFilter, wanted_user
from kubern.filters.request_info import CONTEXT_KEY
from kubern.request import RequestContext, RequestInfo, User

NODE_EXTRA = {"authentication.kubernetes.io/node-name": ("n1",)}
AGENT = User("system:serviceaccount:ns:agent", extra=NODE_EXTRA)
ALICE = User("alice")


class Grants:
    """Allows what is listed: `verb resource/subresource name`, a missing name fits all."""

    def __init__(self, *allowed: str) -> None:
        self.allowed = allowed
        self.asked: list[str] = []

    async def authorize(self, attributes: Attributes) -> tuple[Decision, str]:
        what = attributes.resource + (f"/{attributes.subresource}" if attributes.subresource else "")
        question = f"{attributes.verb} {what} {attributes.name}".strip()
        self.asked.append(question)
        good = any(question == a or question.startswith(a + " ") for a in self.allowed)
        return (Decision.ALLOW if good else Decision.NO_OPINION), ""


async def act(requestor: User, grants: Grants, *headers: tuple[str, str], filter_: Any = None) -> RequestContext:
    info = RequestInfo("", "list", True, api_group="", namespace="ns", resource="pods")
    ctx = RequestContext(info, user=requestor)
    scope = {
        "type": "http",
        "headers": [(k.lower().encode(), v.encode()) for k, v in headers],
        CONTEXT_KEY: ctx,
    }

    async def app(*_: Any) -> None:
        assert not scope["headers"] or ctx.impersonated is None

    await (filter_ or ImpersonationFilter(app, grants))(scope, None, None)  # type: ignore[arg-type]
    return ctx


async def test_a_constrained_grant_needs_identity_and_action() -> None:
    """Both verbs, and the constraint is remembered for the audit."""
    grants = Grants("impersonate-on:user-info:list pods", "impersonate:user-info users carol")
    ctx = await act(ALICE, grants, ("Impersonate-User", "carol"))
    assert ctx.effective_user == User("carol", groups=("system:authenticated",))
    assert ctx.impersonation_constraint == "impersonate:user-info"


async def test_an_agent_acts_as_its_own_node_only() -> None:
    """The token's node, asked about with a star, which another node's name does not get."""
    grants = Grants("impersonate-on:associated-node:list pods", "impersonate:associated-node nodes *")
    ctx = await act(AGENT, grants, ("Impersonate-User", "system:node:n1"))
    assert ctx.effective_user == User("system:node:n1", groups=("system:nodes", "system:authenticated"))
    with pytest.raises(StatusError, match="impersonate-on:arbitrary-node:list"):
        await act(AGENT, grants, ("Impersonate-User", "system:node:n2"))


async def test_masters_only_the_old_way() -> None:
    """Constrained rights never reach system:masters."""
    constrained = Grants(
        "impersonate-on:user-info:list pods", "impersonate:user-info users", "impersonate:user-info groups"
    )
    headers = (("Impersonate-User", "carol"), ("Impersonate-Group", "system:masters"))
    with pytest.raises(StatusError, match="impersonating the system:masters group is not allowed"):
        await act(ALICE, constrained, *headers)
    legacy = Grants("impersonate users", "impersonate groups")
    assert (await act(ALICE, legacy, *headers)).effective_user.groups == ("system:masters", "system:authenticated")


async def test_many_groups_are_asked_about_at_once() -> None:
    """From four on a star suffices."""
    grants = Grants(
        "impersonate-on:user-info:list pods", "impersonate:user-info users", "impersonate:user-info groups *"
    )
    headers = [("Impersonate-Group", f"g{i}") for i in range(4)]
    ctx = await act(ALICE, grants, ("Impersonate-User", "carol"), *headers)
    assert ctx.effective_user.groups == ("g0", "g1", "g2", "g3", "system:authenticated")
    assert grants.asked[-1] == "impersonate:user-info groups *"


def test_extra_keys_are_unescaped_once() -> None:
    """Broken escapes stay as they are."""
    found = wanted_user([
        (b"impersonate-user", b"a"), (b"impersonate-extra-acme.io%2fteam", b"red"), (b"impersonate-extra-x%zz", b"1"),
    ])  # fmt: skip
    assert found == User("a", extra={"acme.io/team": ("red",), "x%zz": ("1",)})


def test_parts_without_a_name_are_refused() -> None:
    """The message shows the struct as Go prints it."""
    with pytest.raises(StatusError) as error:
        wanted_user([(b"impersonate-group", b"a"), (b"impersonate-extra-k", b"v")])
    assert error.value.message == (
        'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"a"}, Extra:map[string][]string{"k":[]string{"v"}}} '
        "without impersonating a user name"
    )
