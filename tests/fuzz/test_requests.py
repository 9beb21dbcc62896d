"""Thousands of requests made from the published OpenAPI documents: none fails the server, every error says what it is.

FUZZ_REQUESTS says how many (3,000 unless told; `make fuzz` sends more), FUZZ_SEED makes other ones.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from kubern.testing.servers import RunningServer

from .client import Answers
from .requests import Request, requests
from .surface import Surface

CONNECTIONS = 6
WANTED = int(os.environ.get("FUZZ_REQUESTS", "3000"))
SEED = os.environ.get("FUZZ_SEED")


@pytest.fixture
def answers(fuzzed: RunningServer) -> Iterator[Answers]:
    found = Answers(fuzzed, CONNECTIONS)
    yield found
    found.close()


def test_no_request_fails_the_server(surface: Surface, answers: Answers) -> None:
    """No undocumented 5xx, no dropped connection, every error a Status with the answer's code."""
    batches = st.lists(requests(surface), min_size=CONNECTIONS, max_size=CONNECTIONS)

    def send(batch: list[Request]) -> None:
        answers.exchange(batch)

    settings = hypothesis.settings(
        max_examples=-(-WANTED // CONNECTIONS),
        deadline=None,
        derandomize=SEED is None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    check = settings(hypothesis.given(batches)(send))
    if SEED is not None:
        check = hypothesis.seed(int(SEED))(check)
    check()
    sent = answers.statuses.total()
    print(
        f"{sent} requests:",
        ", ".join(f"{status}: {count}" for status, count in sorted(answers.statuses.items())),
        file=sys.stderr,
    )
    assert sent >= WANTED
    assert answers.statuses[200] + answers.statuses[201] > sent / 10, answers.statuses
