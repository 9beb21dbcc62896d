"""What is acknowledged survives kill -9 at any moment."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from kubern.storage.keys import prefix_end
from kubern.storage.sqlite.store import SqliteStore

KILLS = 20
PREFIX = "/registry/things/"


def run_and_kill(directory: Path, start: int, pause: float) -> list[tuple[str, int, int]]:
    """The writes that a process acknowledged before it was killed `pause` seconds after opening."""
    script = Path(__file__).with_name("crash_writer.py")
    with subprocess.Popen([sys.executable, str(script), str(directory), str(start)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"open\n"
        try:
            child.wait(pause)
        except subprocess.TimeoutExpired:
            child.kill()
        output, _ = child.communicate()
    lines = output.decode().split("\n")[:-1]
    return [(key, int(rev), int(number)) for key, rev, number in map(str.split, lines)]


@pytest.mark.slow
async def test_no_acknowledged_write_is_lost(tmp_path: Path) -> None:
    """Every write acknowledged before any of 20 kills is there afterwards, or a later one of the same key."""
    newest: dict[str, tuple[int, int]] = {}
    total = 0
    for kill in range(KILLS):
        acknowledged = run_and_kill(tmp_path, kill * 1_000_000, random.uniform(0.05, 0.4))
        total += len(acknowledged)
        for key, rev, number in acknowledged:
            newest[key] = max(newest.get(key, (0, 0)), (rev, number))
        store = await SqliteStore.open(tmp_path, compaction_interval=0)
        page = await store.range(PREFIX, prefix_end(PREFIX))
        found = {kv.key: kv for kv in page.kvs}
        for key, (rev, number) in newest.items():
            kv = found[key]
            assert kv.mod_rev >= rev
            if kv.mod_rev == rev:
                assert kv.value == b"%d" % number * 300
        assert page.rev >= max(rev for rev, _ in newest.values())
        assert [event.rev for event in store.state.log] == list(
            range(max(store.state.compact_rev, 1) + 1, page.rev + 1)
        )  # revision 1 is the empty store
        await store.close()
    assert total > KILLS
