"""Requests for custom resources and what makes them find their way.

- `served.py` one definition at work, `resources.py` all of them, kept in step with what is stored
- `dispatch.py` from a request to its endpoint
- `discovery.py` the groups as discovery shows them

Imported by `server.py`. Knows nothing of how definitions are validated (`api/`) or accepted (`controllers/`).
"""
