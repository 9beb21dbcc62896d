"""The embedded default store: one SQLite file, one append table that is both log and state.

- `schema.py` the tables, opening, locking and loading a file;
- `writer.py` the thread that owns the connection and commits batches;
- `store.py` the store: compare-and-swap on the event loop, group commit, compaction.

Reads never touch SQLite: all state is in memory (`storage/state.py`). Nothing is visible or acknowledged
before its commit is on disk, and a failed commit stops the store: memory would be ahead of the disk.
"""
