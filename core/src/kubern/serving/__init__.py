"""Sockets, TLS and uvicorn: how bytes reach the filters. Start at `http.py`; one connection is `protocol.py`'s.

Nothing else imports uvicorn, which is pinned to a minor version because `cycle.py` and `protocol.py` build on its insides.
"""
