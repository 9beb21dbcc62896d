"""Flow control by objects, over real connections: a level with one seat, and who it concerns."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kubern.testing.servers import ADMIN_TOKEN, Response, RunningServer
from kubern.testing.waiting import eventually

Start = Callable[..., RunningServer]
GROUP = "/apis/flowcontrol.apiserver.k8s.io/v1"
LEVELS, SCHEMAS = f"{GROUP}/prioritylevelconfigurations", f"{GROUP}/flowschemas"
ALICE, BOB = "alice-token", "bob-token"
QUIET = "--disable-plugins=aggregator,apiextensions"
REJECT: dict[str, Any] = {"type": "Reject"}
QUEUE: dict[str, Any] = {"type": "Queue", "queuing": {"queues": 1, "handSize": 1, "queueLengthLimit": 1}}


def level(response: dict[str, Any]) -> dict[str, Any]:
    limited = {"nominalConcurrencyShares": 1, "borrowingLimitPercent": 0, "limitResponse": response}
    return {"metadata": {"name": "tiny"}, "spec": {"type": "Limited", "limited": limited}}


def schema(name: str = "alice", level: str = "tiny") -> dict[str, Any]:
    rule = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": True, "namespaces": ["*"]}
    subjects = [{"kind": "User", "user": {"name": "alice"}}]
    spec = {
        "priorityLevelConfiguration": {"name": level},
        "matchingPrecedence": 50,
        "rules": [{"subjects": subjects, "resourceRules": [rule]}],
    }
    return {"metadata": {"name": name}, "spec": spec}


@pytest.fixture
def tokens(tmp_path: Path) -> str:
    (tmp_path / "tokens.csv").write_text(f"{ADMIN_TOKEN},admin,admin,system:masters\n{ALICE},alice,a\n{BOB},bob,b\n")
    return f"--token-auth-file={tmp_path / 'tokens.csv'}"


@pytest.fixture
def server(start_server: Start, tokens: str) -> RunningServer:
    """So many seats in all that one share of them is one seat."""
    return start_server(
        QUIET, tokens, "--authorization-mode=AlwaysAllow", "--max-requests-inflight=100",
        "--max-mutating-requests-inflight=100",
    )  # fmt: skip


def configure(server: RunningServer, response: dict[str, Any]) -> tuple[str, str]:
    """The tiny level for alice; uids of schema and level once her requests are matched to them."""
    made = server.request("POST", LEVELS, level(response)), server.request("POST", SCHEMAS, schema())
    assert [answer.status for answer in made] == [201, 201]
    uids = made[1].json()["metadata"]["uid"], made[0].json()["metadata"]["uid"]
    eventually(lambda: matched(get(server, ALICE)) == uids)
    return uids


def get(server: RunningServer, token: str) -> Response:
    return server.request("GET", "/api/v1/namespaces/default", token=token)


def matched(answer: Response) -> tuple[str, str]:
    return (
        answer.headers["x-kubernetes-pf-flowschema-uid"],
        answer.headers["x-kubernetes-pf-prioritylevel-uid"],
    )


@contextlib.contextmanager
def seat_taken(server: RunningServer, token: str) -> Iterator[None]:
    """A request whose body never comes keeps its seat until the block is left."""
    head = (
        f"POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    )
    context: ssl.SSLContext = server.ssl_context()
    with (
        socket.create_connection(("127.0.0.1", server.port)) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        connection.sendall(head.encode())
        eventually(lambda: executing(server) == "1")
        yield
    eventually(lambda: executing(server) == "0")


def executing(server: RunningServer) -> str:
    return row(server, "tiny")[5]


def row(server: RunningServer, name: str) -> list[str]:
    """A priority level's line of the dump."""
    text = server.request("GET", "/debug/api_priority_and_fairness/dump_priority_levels").body.decode()
    lines = [line.replace(" ", "").split(",") for line in text.splitlines()]
    return next(line for line in lines if line[0] == name)


def test_one_flow_is_refused_and_others_go_on(server: RunningServer) -> None:
    """429 in plain text for alice while her seat is taken; bob and administrators notice nothing."""
    uids = configure(server, REJECT)
    with seat_taken(server, ALICE):
        refused = get(server, ALICE)
        assert refused.status == 429
        assert refused.body == b"Too many requests, please try again later.\n"
        assert refused.headers["retry-after"] == "1"
        assert refused.headers["content-type"] == "text/plain; charset=utf-8"
        assert refused.headers["x-content-type-options"] == "nosniff"
        assert matched(refused) == uids
        assert get(server, BOB).status == 200
        assert matched(get(server, BOB)) != uids
        assert server.request("GET", "/api/v1/namespaces/default").status == 200
    assert get(server, ALICE).status == 200
    metrics = server.request("GET", "/metrics").body.decode()
    sample = 'rejected_requests_total{flow_schema="alice",priority_level="tiny",reason="concurrency-limit"} 1.0'
    assert f"apiserver_flowcontrol_{sample}" in metrics
    assert 'apiserver_flowcontrol_current_limit_seats{priority_level="tiny"} 1.0' in metrics


def test_requests_wait_in_a_queue_and_a_full_one_refuses(server: RunningServer) -> None:
    """The second waits until the first is done, the third has no place."""
    configure(server, QUEUE)
    answers: list[Response] = []
    waiting = threading.Thread(target=lambda: answers.append(get(server, ALICE)))
    with seat_taken(server, ALICE):
        waiting.start()
        eventually(lambda: row(server, "tiny")[4] == "1")
        assert get(server, ALICE).status == 429
        requests = server.request("GET", "/debug/api_priority_and_fairness/dump_requests?includeRequestDetails=1")
        assert b"/api/v1/namespaces/default," in requests.body
        assert not answers
    waiting.join(10)
    assert answers[0].status == 200


def test_a_client_that_leaves_gives_up_its_place(server: RunningServer) -> None:
    """What waits for nobody does not run later."""
    configure(server, QUEUE)
    head = f"GET /api/v1/namespaces/default HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ALICE}\r\n\r\n"
    with seat_taken(server, ALICE):
        with (
            socket.create_connection(("127.0.0.1", server.port)) as plain,
            server.ssl_context().wrap_socket(plain, server_hostname="127.0.0.1") as connection,
        ):
            connection.sendall(head.encode())
            eventually(lambda: row(server, "tiny")[4] == "1")
        eventually(lambda: row(server, "tiny")[4] == "0")
        assert row(server, "tiny")[9] == "1"


def test_waiting_ends_after_a_fourth_of_the_timeout(server: RunningServer) -> None:
    """?timeout=2s waits for half a second."""
    configure(server, QUEUE)
    with seat_taken(server, ALICE):
        began = time.monotonic()
        answer = server.request("GET", "/api/v1/namespaces/default?timeout=2s", token=ALICE)
        assert answer.status == 429
        assert 0.4 < time.monotonic() - began < 1.5
    assert row(server, "tiny")[8] == "1"


def test_a_watch_keeps_its_seat_only_until_it_stands(server: RunningServer) -> None:
    """Then others have it; how many watch is counted."""
    configure(server, REJECT)
    path = "/api/v1/namespaces?watch=true&timeoutSeconds=1"
    watch = threading.Thread(target=lambda: server.request("GET", path, token=ALICE))
    watch.start()
    eventually(lambda: int(row(server, "tiny")[6]) >= 2 and executing(server) == "0")
    assert watch.is_alive()
    assert get(server, ALICE).status == 200
    watch.join(10)


def test_changes_of_objects_count_at_once(server: RunningServer) -> None:
    """A schema without its level says so and is passed over; the level brings it to life."""
    assert server.request("POST", SCHEMAS, schema()).status == 201

    def condition() -> str:
        conditions = server.request("GET", f"{SCHEMAS}/alice").json().get("status", {}).get("conditions", [])
        return next((f"{c['status']} {c['reason']}" for c in conditions if c["type"] == "Dangling"), "")

    eventually(lambda: condition() == "True NotFound")
    uid = server.request("GET", f"{SCHEMAS}/alice").json()["metadata"]["uid"]
    assert matched(get(server, ALICE))[0] != uid
    server.request("POST", LEVELS, level(REJECT))
    eventually(lambda: condition() == "False Found")
    assert matched(get(server, ALICE))[0] == uid
    server.request("DELETE", f"{LEVELS}/tiny")
    eventually(lambda: condition() == "True NotFound")
    assert matched(get(server, ALICE))[0] != uid


def test_without_priority_and_fairness_two_numbers_limit(start_server: Start, tokens: str) -> None:
    """Writes are refused beyond theirs, reads and administrators are not; nothing tells of flow schemas."""
    server = start_server(
        QUIET, tokens, "--authorization-mode=AlwaysAllow", "--enable-priority-and-fairness=false",
        "--max-mutating-requests-inflight=1",
    )  # fmt: skip
    path = "/api/v1/namespaces/default/configmaps"
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ALICE}\r\nContent-Length: 9\r\n\r\n"
    body = {"metadata": {"generateName": "m-"}}
    with (
        socket.create_connection(("127.0.0.1", server.port)) as plain,
        server.ssl_context().wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        connection.sendall(head.encode())
        eventually(lambda: server.request("POST", path, body, token=BOB).status == 429)
        refused = server.request("POST", path, body, token=BOB)
        assert refused.body == b"Too many requests, please try again later.\n"
        assert refused.headers["retry-after"] == "1"
        assert "x-kubernetes-pf-flowschema-uid" not in refused.headers
        assert server.request("POST", path, body).status == 201
        assert get(server, BOB).status == 200
    assert server.request("GET", "/debug/api_priority_and_fairness/dump_queues").status == 404
