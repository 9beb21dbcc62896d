"""kubern core: the Kubernetes API server as a chain of plugins.

Files here are the start, from top to bottom: `cli.py`, `plugins.py`, `startup.py`, `ports.py`, `config.py`, `chain.py`,
`server.py`, `running.py`. Folders are a request, in the order it meets them: `serving/`, `filters/`, `endpoints/`,
`registry/`, `storage/`, with `authentication/`, `authorization/`, `admission/`, `audit/` and `flowcontrol/` asked on the
way. What plugins see first: `hookspecs.py` and `contributions.py`; what tests of plugins use: `testing/`.
"""
