"""What clients see while an extension API server is killed and comes back: 200, then 503, then 200, and nothing else."""

from __future__ import annotations

import collections
import http.client
import json
import threading
import time
from typing import Any

from kubern.testing.servers import RunningServer
from kubern.testing.waiting import eventually

NOTES = "/apis/notes.example.com/v1/namespaces/default/notes"
AWAY_SECONDS = 2.0
RECOVERY_SECONDS = 15.0


class Watcher(threading.Thread):
    """Watches for as long as one watch lasts; `ended` says how it ended."""

    def __init__(self, server: RunningServer) -> None:
        super().__init__(daemon=True)
        self.connection = http.client.HTTPSConnection(
            "127.0.0.1", server.port, context=server.ssl_context(), timeout=RECOVERY_SECONDS
        )
        self.connection.request("GET", f"{NOTES}?watch=1", headers={"Authorization": f"Bearer {server.token}"})
        self.answer = self.connection.getresponse()
        self.events: list[dict[str, Any]] = []
        self.ended = ""

    def run(self) -> None:
        try:
            while line := self.answer.readline():
                self.events.append(json.loads(line))
            self.ended = "end"
        except TimeoutError:
            self.ended = "hang"
        except (OSError, http.client.HTTPException):
            self.ended = "cut"
        finally:
            self.connection.close()


class Load(threading.Thread):
    """Lists and writes one after another; counts the statuses and remembers the longest wait."""

    def __init__(self, server: RunningServer, number: int) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.number = number
        self.statuses: collections.Counter[int] = collections.Counter()
        self.longest = 0.0
        self.stopping = threading.Event()

    def run(self) -> None:
        count = 0
        while not self.stopping.is_set():
            begin = time.monotonic()
            count += 1
            if count % 5:
                answer = self.server.request("GET", NOTES)
            else:
                note = {"metadata": {"name": f"load-{self.number}-{count}"}, "spec": {"text": "t"}}
                answer = self.server.request("POST", NOTES, note)
            self.statuses[answer.status] += 1
            self.longest = max(self.longest, time.monotonic() - begin)
            time.sleep(0.01)


def _look_again(server: RunningServer) -> None:
    """A change of its service makes the aggregator check the APIService at once instead of within half a minute."""
    merge = {"Content-Type": "application/merge-patch+json"}
    service = "/api/v1/namespaces/default/services/notes"
    assert server.request("PATCH", service, {"metadata": {"labels": {"a": "b"}}}, merge).status == 200
    registration = "/apis/apiregistration.k8s.io/v1/apiservices/v1.notes.example.com"

    def away() -> bool:
        return bool(server.request("GET", registration).json()["status"]["conditions"][0]["status"] == "False")

    eventually(away, 10)


def test_a_killed_server_is_503_until_it_is_back(main_server: RunningServer, notes_server: Any) -> None:
    """No 500, no hang, a watch that ends, nothing acknowledged lost, and service again within seconds."""
    note = {"metadata": {"name": "kept"}, "spec": {"text": "t"}}
    assert main_server.request("POST", NOTES, note).status == 201
    watcher = Watcher(main_server)
    watcher.start()
    loads = [Load(main_server, number) for number in range(3)]
    for load in loads:
        load.start()
    time.sleep(1)
    notes_server.kill()
    watcher.join(5)
    _look_again(main_server)
    time.sleep(AWAY_SECONDS)
    notes_server.start()
    began = time.monotonic()
    while main_server.request("GET", f"{NOTES}/kept").status != 200:
        assert time.monotonic() - began < RECOVERY_SECONDS
        time.sleep(0.05)
    recovery = time.monotonic() - began
    time.sleep(0.5)
    statuses: collections.Counter[int] = collections.Counter()
    for load in loads:
        load.stopping.set()
        load.join(10)
        statuses += load.statuses
    print(f"statuses {dict(statuses)}, recovery {recovery:.1f} s, longest {max(one.longest for one in loads):.1f} s")
    assert watcher.ended in ("end", "cut")
    assert set(statuses) <= {200, 201, 503}
    assert statuses[503] > 0
    assert max(load.longest for load in loads) < 5
    stored = {item["metadata"]["name"] for item in main_server.request("GET", NOTES).json()["items"]}
    assert len([name for name in stored if name.startswith("load-")]) >= statuses[201]
