"""A process that writes to a SqliteStore as fast as it can and reports what was acknowledged.

Started and killed by `test_sqlite_crash.py`. One line per acknowledged write: `key revision number`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from kubern.storage.sqlite.store import SqliteStore

WRITERS = 16


async def main(directory: str, start: int) -> None:
    store = await SqliteStore.open(Path(directory), compaction_interval=0)
    print("open", flush=True)

    async def write(writer: int) -> None:
        number = start
        while True:
            key = f"/registry/things/{writer}-{number % 20}"
            current, _ = await store.get(key)
            kv = await store.put(key, b"%d" % number * 300, expect=current.mod_rev if current else 0)
            os.write(1, f"{key} {kv.mod_rev} {number}\n".encode())
            number += 1
            if writer == 0 and number % 50 == 0:
                await store.compact(kv.mod_rev - 20)

    await asyncio.gather(*(write(n) for n in range(WRITERS)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
