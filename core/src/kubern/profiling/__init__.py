"""Looking into a running process: where its time goes, what it waits for, what fills its memory.

- `sampler.py` samples the stacks of all threads; `pprof.py` writes them as `go tool pprof` reads them
- `state.py` tasks, threads and objects as text

Nothing here is imported before somebody asks; the pages are in `endpoints/debug_pages.py`.
"""
