"""The authorization webhook and the file that configures chains, over real TLS."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import pytest

from kubern.authorization.always_allow import AlwaysAllow
from kubern.authorization.configuration import ConfigurationError, ReloadableAuthorizer
from kubern.authorization.interface import Attributes, AuthorizationError, Authorizer, Decision
from kubern.authorization.union import Union
from kubern.authorization.webhook import WebhookAuthorizer
from kubern.remote.client import RemoteClient
from kubern.remote.kubeconfig import load_kubeconfig
from kubern.request import User

ALICE = User("alice", "u1", ("cooks",), {"team": ("red",)})
QUESTION = Attributes(
    ALICE, "list", "", True, "apps", "v1", "ns", "deployments", field_requirements=(("a", "=", ("b",)),)
)


def answering(status: dict[str, Any]) -> Any:
    return lambda path, headers, document: (
        200 if headers.get("authorization") == "Bearer secret" else 401,
        {"status": status},
    )


def client(server: Any, directory: Path, tries: int = 1) -> RemoteClient:
    return RemoteClient(load_kubeconfig(server.kubeconfig(directory)), tries=tries)


async def test_the_question_and_the_kept_answer(serve_json: Any, tmp_path: Path) -> None:
    """The webhook gets a SubjectAccessReview and is asked once; versions before v1 call groups `group`."""
    async with serve_json(answering({"allowed": True, "reason": "nice"})) as server:
        remote = client(server, tmp_path)
        webhook = WebhookAuthorizer(remote, "v1beta1", authorized_ttl=60, unauthorized_ttl=60)
        assert await webhook.authorize(QUESTION) == (Decision.ALLOW, "nice")
        assert await webhook.authorize(QUESTION) == (Decision.ALLOW, "nice")
        remote.close()
    ((_, review),) = server.requests
    assert review["apiVersion"] == "authorization.k8s.io/v1beta1"
    assert review["spec"] == {
        "resourceAttributes": {
            "namespace": "ns", "verb": "list", "group": "apps", "version": "v1", "resource": "deployments",
            "fieldSelector": {"requirements": [{"key": "a", "operator": "In", "values": ["b"]}]},
        },
        "user": "alice", "group": ["cooks"], "uid": "u1", "extra": {"team": ["red"]},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"allowed": False}, (Decision.NO_OPINION, "")),
        ({"allowed": False, "denied": True, "reason": "never"}, (Decision.DENY, "never")),
    ],
)
async def test_decisions(serve_json: Any, tmp_path: Path, status: dict[str, Any], expected: Any) -> None:
    """Only a denial is final, and every user is asked about separately."""
    async with serve_json(answering(status)) as server:
        remote = client(server, tmp_path)
        webhook = WebhookAuthorizer(remote, "v1", authorized_ttl=60, unauthorized_ttl=60)
        assert await webhook.authorize(QUESTION) == expected
        await webhook.authorize(dataclasses.replace(QUESTION, user=User("bob")))
        remote.close()
    assert [review["spec"]["user"] for _, review in server.requests] == ["alice", "bob"]


async def test_a_failure_is_no_opinion_or_a_denial(serve_json: Any, tmp_path: Path) -> None:
    """As failurePolicy says."""
    async with serve_json(lambda *_: (500, {})) as server:
        remote = client(server, tmp_path)
        lenient = WebhookAuthorizer(remote, "v1", authorized_ttl=0, unauthorized_ttl=0)
        strict = WebhookAuthorizer(remote, "v1", authorized_ttl=0, unauthorized_ttl=0, on_error=Decision.DENY)
        for webhook, denied in ((lenient, False), (strict, True)):
            with pytest.raises(AuthorizationError) as caught:
                await webhook.authorize(QUESTION)
            assert caught.value.denied is denied
        assert await Union(lenient, AlwaysAllow()).authorize(QUESTION) == (Decision.ALLOW, "")
        with pytest.raises(AuthorizationError):
            await Union(strict, AlwaysAllow()).authorize(QUESTION)
        remote.close()


async def test_an_answer_that_allows_and_denies_is_a_denial(serve_json: Any, tmp_path: Path) -> None:
    """With the remark that it makes no sense."""
    async with serve_json(lambda *_: (200, {"status": {"allowed": True, "denied": True}})) as server:
        remote = client(server, tmp_path)
        webhook = WebhookAuthorizer(remote, "v1", authorized_ttl=0, unauthorized_ttl=0)
        with pytest.raises(AuthorizationError, match="returned both allow and deny response") as caught:
            await webhook.authorize(QUESTION)
        assert caught.value.denied
        remote.close()


def configuration(directory: Path, authorizers: list[dict[str, Any]]) -> str:
    path = directory / "authorization.json"
    kind = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthorizationConfiguration"}
    path.write_text(json.dumps({**kind, "authorizers": authorizers}))
    return str(path)


def webhook_entry(condition: str) -> dict[str, Any]:
    return {
        "type": "Webhook",
        "name": "hook",
        "webhook": {
            "timeout": "3s",
            "subjectAccessReviewVersion": "v1",
            "matchConditionSubjectAccessReviewVersion": "v1",
            "failurePolicy": "NoOpinion",
            "connectionInfo": {"type": "KubeConfigFile", "kubeConfigFile": "kubeconfig"},
            "matchConditions": [{"expression": condition}],
        },
    }


async def test_a_chain_from_a_file_follows_the_file(serve_json: Any, tmp_path: Path) -> None:
    """Match conditions decide who is asked, a changed file is in force, a broken one is not."""
    async with serve_json(answering({"allowed": True})) as server:
        server.kubeconfig(tmp_path)
        path = configuration(tmp_path, [webhook_entry("request.resourceAttributes.namespace == 'other'")])
        chain = ReloadableAuthorizer(path, {"AlwaysAllow": AlwaysAllow()}.__getitem__, RemoteClient)
        assert (await chain.authorize(QUESTION))[0] is Decision.NO_OPINION
        assert server.requests == []
        configuration(tmp_path, [webhook_entry("request.user == 'alice' && 'cooks' in request.groups")])
        os.utime(path, (1, 1))
        chain.refresh()
        assert (await chain.authorize(QUESTION))[0] is Decision.ALLOW
        Path(path).write_text("{}")
        chain.refresh()
        assert (await chain.authorize(QUESTION))[0] is Decision.ALLOW


def test_all_problems_of_a_file_are_listed(tmp_path: Path) -> None:
    """Conditions that do not compile among them."""
    bad = webhook_entry("request.user ==")
    bad["webhook"]["failurePolicy"] = "Maybe"
    no_plugins: dict[str, Authorizer] = {}
    with pytest.raises(ConfigurationError, match=r"failurePolicy.*matchConditions\[0\].expression: compilation failed"):
        ReloadableAuthorizer(configuration(tmp_path, [bad]), no_plugins.__getitem__, RemoteClient)
