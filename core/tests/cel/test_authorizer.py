"""Authorization checks inside expressions."""

from __future__ import annotations

import pytest

from kubern.cel.env import Env
from kubern.cel.errors import CelError
from kubern.cel.kubernetes import base_env
from kubern.cel.library.authorizer import (
    AUTHORIZER,
    RESOURCE_CHECK,
    AuthorizerValue,
    CheckAttributes,
    Decision,
    ServiceAccountUser,
    resource_check,
)
from kubern.cel.library.authorizer_answers import Answers

CHECK = "authorizer.group('').resource('secrets').namespace('ns').name('x').check('list').allowed()"


@pytest.fixture(scope="module")
def env() -> Env:
    variables = {"authorizer": AUTHORIZER, "authorizer.requestResource": RESOURCE_CHECK}
    return base_env().extend(variables=variables)


def test_a_check_is_answered_at_once(env: Env) -> None:
    """The callable gets the attributes; a check costs 350,000."""
    asked: list[CheckAttributes] = []

    def check(attributes: CheckAttributes) -> Decision:
        asked.append(attributes)
        return Decision(True, reason="because")

    result = env.compile(CHECK).evaluate({"authorizer": AuthorizerValue("alice", check)})
    assert result.value is True
    assert result.cost == 350_006
    assert asked == [CheckAttributes("alice", "list", resource="secrets", namespace="ns", name="x")]


def test_service_accounts_paths_and_the_request(env: Env) -> None:
    """Checks for another user, of a path, and of the request's own resource."""

    def check(attributes: CheckAttributes) -> Decision:
        user = attributes.user
        name = user.username if isinstance(user, ServiceAccountUser) else user
        return Decision(False, reason=f"{name} {attributes.verb} {attributes.path}{attributes.resource}")

    bindings = {
        "authorizer": AuthorizerValue("alice", check),
        "authorizer.requestResource": resource_check(
            "alice", check, group="", resource="pods", subresource="", namespace="ns", name=""
        ),
    }
    account = env.compile("authorizer.serviceAccount('ns', 'sa').path('/healthz').check('get').reason()")
    assert account.evaluate(bindings).value == "system:serviceaccount:ns:sa get /healthz"
    request = env.compile("authorizer.requestResource.check('custom').reason()")
    assert request.evaluate(bindings).value == "alice custom pods"
    with pytest.raises(CelError, match="path must not be empty"):
        env.compile("authorizer.path(' ').check('get').allowed()").evaluate(bindings)


async def test_a_check_that_must_be_awaited(env: Env) -> None:
    """The evaluation is begun again once the answer is there, and the answer is kept."""
    asked: list[str] = []

    async def authorize(attributes: CheckAttributes) -> Decision:
        asked.append(attributes.verb)
        return Decision(attributes.verb == "list")

    answers = Answers(authorize)
    bindings = {"authorizer": AuthorizerValue("alice", answers.check)}
    assert (await answers.evaluate(env.compile(f"false || {CHECK}"), bindings)).value is True
    assert (await answers.evaluate(env.compile(CHECK), bindings)).value is True
    assert asked == ["list"]


def test_the_estimate_allows_two_checks(env: Env) -> None:
    """Every check is estimated with its fixed price."""
    estimate = env.compile(f"{CHECK} && {CHECK}").estimate_cost()
    assert (estimate.low, estimate.high) == (350_006, 700_012)
