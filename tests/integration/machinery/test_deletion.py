"""Deletion in steps: grace periods, preconditions, what watchers see."""

from __future__ import annotations

import json
from typing import Any

POD = {"spec": {"automountServiceAccountToken": False, "containers": [{"name": "c", "image": "i"}]}}


def _events(client: Any, path: str) -> list[Any]:
    answer = client("GET", f"{path}&watch=1&timeoutSeconds=1")
    return [json.loads(line) for line in answer.body.splitlines()]


def test_watchers_see_a_pod_marked_before_it_is_gone(client: Any) -> None:
    """A deletion without grace is an update and a deletion, and the answer is the last of them."""
    pod = client("POST", "pods", {"metadata": {"name": "p"}, **POD}).json()
    deleted = client("DELETE", "pods/p?gracePeriodSeconds=0").json()
    events = _events(client, f"pods?resourceVersion={pod['metadata']['resourceVersion']}")
    assert [event["type"] for event in events] == ["MODIFIED", "DELETED"]
    assert all(event["object"]["metadata"]["deletionGracePeriodSeconds"] == 0 for event in events)
    assert events[1]["object"]["metadata"]["resourceVersion"] == deleted["metadata"]["resourceVersion"]


def test_finalizers_of_a_pod_without_grace_can_still_be_chosen(client: Any) -> None:
    """A second deletion changes the policy of the first when no grace period is running."""
    client("POST", "pods", {"metadata": {"name": "held", "finalizers": ["example.com/x"]}, **POD})
    assert client("DELETE", "pods/held?gracePeriodSeconds=0").json()["metadata"]["finalizers"] == ["example.com/x"]
    held = client("DELETE", "pods/held?propagationPolicy=Foreground").json()
    assert held["metadata"]["finalizers"] == ["example.com/x", "foregroundDeletion"]
    client.patch("merge", "pods/held", {"metadata": {"finalizers": None}})
    assert client("GET", "pods/held").status == 404
