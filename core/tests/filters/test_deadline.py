"""Requests that take too long, connections that are closed now and then."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from kubern.apimachinery.errors import StatusError
from kubern.filters.deadline import DeadlineFilter
from kubern.filters.goaway import GoawayFilter
from kubern.filters.request_info import CONTEXT_KEY
from kubern.request import RequestContext, RequestInfo

Scope = dict[str, Any]


def scope_of(verb: str, timeout: str = "", received: float = 0.0) -> Scope:
    """A request that came `received` seconds ago."""
    query = {"timeout": [timeout]} if timeout else {}
    ctx = RequestContext(RequestInfo("/x", verb, True, resource="pods"), query=query)
    ctx.received = time.monotonic() - received
    return {"type": "http", CONTEXT_KEY: ctx}


async def receive() -> dict[str, Any]:
    return {"type": "http.disconnect"}


async def sleeping(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.sleep(10)


async def answer_of(scope: Scope, limit: float = 60) -> tuple[int, bytes]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await DeadlineFilter(sleeping, limit)(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


@pytest.mark.parametrize(("timeout", "limit"), [("50ms", 60), ("", 0.05), ("0s", 0.05), ("1h", 0.05), ("-1s", 0.05)])
async def test_a_request_ends_at_its_deadline(timeout: str, limit: float) -> None:
    """What a client asks for counts below the limit; the answer is a bare Status."""
    began = time.monotonic()
    status, body = await answer_of(scope_of("get", timeout), limit)
    assert status == 504
    assert b'"message":"Timeout: request did not complete within the allotted timeout"' in body
    assert time.monotonic() - began < 10


async def test_writes_end_by_themselves_before_a_long_limit() -> None:
    """After 34 seconds, whatever --request-timeout allows."""
    with pytest.raises(StatusError) as raised:
        await answer_of(scope_of("create", received=33.95))
    assert raised.value.code == 504
    assert raised.value.message == (
        "Timeout: request did not complete within requested timeout - context deadline exceeded"
    )


@pytest.mark.parametrize(
    ("text", "reason"), [("soon", 'invalid duration "soon"'), ("30", 'missing unit in duration "30"')]
)
async def test_no_duration_is_refused(text: str, reason: str) -> None:
    """400 with what Go says of it."""
    with pytest.raises(StatusError) as raised:
        await answer_of(scope_of("get", text))
    assert raised.value.code == 400
    assert raised.value.message == f"invalid timeout specified in the request URL - time: {reason}"


async def test_watches_have_no_deadline() -> None:
    """A long-running request is not looked at."""
    scope = scope_of("watch", "soon")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await answer_of(scope, 0.01)
    assert scope[CONTEXT_KEY].deadline is None


async def test_goaway_closes_the_connection() -> None:
    """The answer says so, by chance."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        return

    for chance, headers in ((1.0, [(b"connection", b"close")]), (0.0, [])):
        scope = scope_of("get")
        await GoawayFilter(app, chance)(scope, receive, receive)  # type: ignore[arg-type]
        assert scope[CONTEXT_KEY].response_headers == headers
