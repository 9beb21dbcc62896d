"""What goes wrong becomes an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kubern.apimachinery.errors import bad_request
from kubern.filters.panic_recovery import PanicRecoveryFilter
from kubern.filters.request_info import RequestInfoFilter

REQUEST = {"type": "http", "method": "GET", "path": "/api/v1/pods", "query_string": b"", "headers": []}


async def answer_to(error: Exception, begun: bool = False) -> tuple[dict[str, Any], dict[bytes, bytes]]:
    """The Status and the headers for a request that ends with `error`."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise error

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    await RequestInfoFilter(PanicRecoveryFilter(app))(dict(REQUEST), receive, send)
    return json.loads(sent[1]["body"]), dict(sent[0]["headers"])


async def test_an_unexpected_exception_is_a_500_status(caplog: pytest.LogCaptureFixture) -> None:
    """The client learns nothing of it, the log everything."""
    status, headers = await answer_to(ValueError("secret"))
    assert (status["kind"], status["code"], status["reason"]) == ("Status", 500, "InternalError")
    assert status["message"] == "This request caused apiserver to panic. Look in the logs for details."
    assert headers[b"audit-id"]
    assert "secret" in caplog.text


async def test_a_status_error_is_its_status() -> None:
    """With the headers of every answer."""
    status, headers = await answer_to(bad_request("no"))
    assert (status["code"], status["message"]) == (400, "no")
    assert headers[b"cache-control"] == b"no-cache, private"


@pytest.mark.parametrize("error", [ValueError("x"), bad_request("no")])
async def test_an_answer_that_had_begun_is_cut(error: Exception) -> None:
    """Nothing that looks whole reaches the client: the connection ends."""
    with pytest.raises((ValueError, ConnectionResetError)):
        await answer_to(error, begun=True)
