"""Watches over WebSockets, seen by a WebSocket client."""

from __future__ import annotations

import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedOK, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol


def _watch(client: Any, query: str, **options: Any) -> Any:
    server = client.server
    headers = {"Authorization": f"Bearer {server.token}"}
    url = f"{server.url.replace('https', 'wss')}{client.path('configmaps')}?watch=1&{query}"
    options.setdefault("origin", "https://example.com")
    return connect(url, ssl=server.ssl_context(), additional_headers=headers, compression=None, proxy=None, **options)


def test_each_event_is_a_text_message(client: Any) -> None:
    """A JSON document per message; the server says goodbye when the watch ends."""
    made = client.config_map("a", data={"k": "v"})
    with _watch(client, f"resourceVersion={made['metadata']['resourceVersion']}&timeoutSeconds=2") as socket:
        client.patch("merge", "configmaps/a", {"data": {"k": "w"}})
        client("DELETE", "configmaps/a")
        events = [json.loads(message) for message in socket]
        assert socket.close_code == 1000
    assert [(e["type"], e["object"]["data"]["k"]) for e in events] == [("MODIFIED", "w"), ("DELETED", "w")]


def test_protobuf_comes_in_binary_messages(client: Any) -> None:
    """The media type decides about the frames."""
    client.config_map("b")
    accept = {"Accept": "application/vnd.kubernetes.protobuf;stream=watch"}
    server = client.server
    url = f"{server.url.replace('https', 'wss')}{client.path('configmaps')}?watch=1"
    headers = {"Authorization": f"Bearer {server.token}", **accept}
    with connect(
        url, ssl=server.ssl_context(), additional_headers=headers, origin=Origin("https://x"), proxy=None
    ) as socket:
        assert isinstance(socket.recv(5), bytes)


def test_the_client_gets_the_subprotocol_it_names(client: Any) -> None:
    """One, whichever it is; several are a bad request."""
    named = [Subprotocol("base64.binary.k8s.io")]
    with _watch(client, "timeoutSeconds=1", subprotocols=named) as socket:
        assert socket.subprotocol == "base64.binary.k8s.io"
    with pytest.raises(InvalidStatus) as refused:
        _watch(client, "timeoutSeconds=1", subprotocols=[*named, Subprotocol("binary.k8s.io")])
    assert refused.value.response.status_code == 400


def test_a_client_without_an_origin_is_refused(client: Any) -> None:
    """403, as Go's library does."""
    with pytest.raises(InvalidStatus) as refused:
        _watch(client, "timeoutSeconds=1", origin=None)
    assert refused.value.response.status_code == 403


def test_wrong_options_are_answered_as_without_a_websocket(client: Any) -> None:
    """A Status before any handshake."""
    with pytest.raises(InvalidStatus) as refused:
        _watch(client, "labelSelector=a+in")
    assert refused.value.response.status_code == 400
    assert json.loads(refused.value.response.body)["reason"] == "BadRequest"


def test_a_client_that_leaves_ends_the_watch(client: Any) -> None:
    """Its goodbye is answered; messages before it are ignored."""
    with _watch(client, "sendInitialEvents=false&resourceVersionMatch=NotOlderThan") as socket:
        socket.send("is anybody there?")
        socket.close()
        with pytest.raises(ConnectionClosedOK):
            socket.recv(5)
